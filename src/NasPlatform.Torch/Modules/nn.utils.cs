using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static class utils
        {
            /// <summary>Scales all gradients so that their common norm is at most <paramref name="max_norm"/>.</summary>
            /// <returns>The norm before.</returns>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                TensorList list = TensorList.Of(tensors);
                Native.nas_clip_grad_norm_(list, list.Count, max_norm, norm_type, out double total);
                return total;
            }

            /// <summary>Brings every gradient element into ±<paramref name="clip_value"/>.</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                TensorList list = TensorList.Of(tensors);
                Native.nas_clip_grad_value_(list, list.Count, clip_value);
            }

            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                Tensor[] flat = [.. tensors.Select(tensor => tensor.reshape(-1))];
                Tensor vector = cat(flat);
                foreach (Tensor tensor in flat) tensor.Dispose();
                return vector;
            }

            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using IDisposable _ = no_grad();
                long start = 0;
                foreach (Parameter parameter in tensors)
                {
                    using Tensor part = vec.narrow(0, start, parameter.numel());
                    using Tensor shaped = part.reshape(parameter.shape);
                    parameter.copy_(shaped);
                    start += parameter.numel();
                }
            }
        }
    }
}
