using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>Devices by name: <c>cpu</c>, <c>cuda</c> (the first), <c>cuda:1</c>, ...</summary>
public static class Devices
{
    /// <exception cref="UserErrorException">The name is not a device's, or this machine has no such device; the message lists those it has.</exception>
    public static Device Parse(string name)
    {
        if (name == "cpu")
        {
            return CPU;
        }

        var index = 0;
        if (name != "cuda" && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out index) && index >= 0))
        {
            throw new UserErrorException($"'{name}' is not a device; give cpu, or cuda:0 and so on.");
        }

        var count = cuda.is_available() ? cuda.device_count() : 0;
        if (index >= count)
        {
            var known = string.Join(", ", Enumerable.Range(0, count).Select(gpu => $"cuda:{gpu}").Prepend("cpu"));
            throw new UserErrorException($"This machine has no device '{name}' that libtorch can use; it has {known}.");
        }

        return torch.device(DeviceType.CUDA, index);
    }
}
