namespace TorchSharp;

public static partial class torch
{
    public static readonly ScalarType bfloat16 = ScalarType.BFloat16;
    public static readonly ScalarType @bool = ScalarType.Bool;
    public static readonly ScalarType cdouble = ScalarType.ComplexFloat64;
    public static readonly ScalarType cfloat = ScalarType.ComplexFloat32;
    public static readonly ScalarType complex128 = ScalarType.ComplexFloat64;
    public static readonly ScalarType complex64 = ScalarType.ComplexFloat32;
    public static readonly ScalarType @double = ScalarType.Float64;
    public static readonly ScalarType @float = ScalarType.Float32;
    public static readonly ScalarType float16 = ScalarType.Float16;
    public static readonly ScalarType float32 = ScalarType.Float32;
    public static readonly ScalarType float64 = ScalarType.Float64;
    public static readonly ScalarType half = ScalarType.Float16;
    public static readonly ScalarType @int = ScalarType.Int32;
    public static readonly ScalarType int16 = ScalarType.Int16;
    public static readonly ScalarType int32 = ScalarType.Int32;
    public static readonly ScalarType int64 = ScalarType.Int64;
    public static readonly ScalarType int8 = ScalarType.Int8;
    public static readonly ScalarType @long = ScalarType.Int64;
    public static readonly ScalarType qint32 = ScalarType.QInt32;
    public static readonly ScalarType qint8 = ScalarType.QInt8;
    public static readonly ScalarType quint8 = ScalarType.QUInt8;
    public static readonly ScalarType @short = ScalarType.Int16;
    public static readonly ScalarType uint8 = ScalarType.Byte;

    public static bool is_floating_point(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;
    public static bool is_floating_point(Tensor input) => input.is_floating_point();
    public static bool is_complex(ScalarType type) => type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;
    public static bool is_integral(ScalarType type) => type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64;

    private static ScalarType _defaultType = ScalarType.Float32;
    private static Device _defaultDevice = new(DeviceType.CPU);

    public static ScalarType get_default_dtype() => _defaultType;
    public static void set_default_dtype(ScalarType dtype) => _defaultType = dtype;
    public static Device get_default_device() => _defaultDevice;
    public static void set_default_device(Device device) => _defaultDevice = device;
    public static void set_default_device(string device) => _defaultDevice = new Device(device);
}
