namespace NasPlatform.Tests.Torch;

/// <summary>Tests of what the whole process shares (libtorch's own generator, the count of live tensors) run while no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
