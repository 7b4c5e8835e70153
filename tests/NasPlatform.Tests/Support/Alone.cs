namespace NasPlatform.Tests.Support;

/// <summary>Tests of what the whole process shares (libtorch's own generator, the count of live tensors) run while no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
