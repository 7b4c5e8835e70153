using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The processor.</summary>
    public static readonly Device CPU = new(DeviceType.CPU);

    /// <summary>The current CUDA device.</summary>
    public static Device CUDA => new(DeviceType.CUDA);

    /// <summary>The device that <paramref name="description"/> names: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>.</summary>
    public static Device device(string description) => new(description);
    public static Device device(string deviceType, int index = -1) => new(deviceType, index);
    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);
    public static Device device(int index) => new(index);

    /// <summary>Where tensors live: a kind of device and, where there may be several, which one.</summary>
    public class Device
    {
        public Device(DeviceType deviceType, int index = -1) => (type, this.index) = (deviceType, index);

        public Device(string deviceType, int index = -1) : this(TypeNamed(deviceType), index)
        {
        }

        public Device(int index) : this(DeviceType.CUDA, index)
        {
        }

        /// <exception cref="ArgumentException">No device is called so.</exception>
        public Device(string description)
        {
            string[] parts = description.Split(':');
            type = TypeNamed(parts[0]);
            index = parts.Length == 1 ? -1
                : parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
                : throw new ArgumentException($"'{description}' is not a device; write cpu, cuda or cuda:0.", nameof(description));
        }

        public DeviceType type { get; }
        public int index { get; }

        public override string ToString()
        {
            string name = type.ToString().ToLowerInvariant();
            return index < 0 || type == DeviceType.CPU ? name : $"{name}:{index}";
        }

        public static implicit operator Device(string description) => new(description);

        private static DeviceType TypeNamed(string name) =>
            Enum.TryParse(name, ignoreCase: true, out DeviceType type) && !char.IsAsciiDigit(name[0])
                ? type
                : throw new ArgumentException($"'{name}' is not a kind of device; write cpu or cuda.", nameof(name));
    }
}
