using System.Text.Json.Serialization;

namespace NasPlatform.Search.Training;

/// <summary>The rule by which gradients change weights.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OptimizerKind>))]
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent, with Nesterov's momentum where there is any.</summary>
    Sgd,

    /// <summary>Kingma &amp; Ba (2015), with their β₁ = 0.9, β₂ = 0.999 and ε = 10⁻⁸; weight decay as an L2 penalty in the gradient.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay (Loshchilov &amp; Hutter 2019): weights shrink by learning rate × decay at each step.</summary>
    AdamW,

    /// <summary>Tieleman &amp; Hinton (2012), with a smoothing constant of 0.99 and ε = 10⁻⁸, and with momentum where there is any.</summary>
    Rmsprop,
}

/// <summary>What follows from the kind of an optimiser.</summary>
public static class Optimizers
{
    /// <summary>How every kind reads.</summary>
    public static IReadOnlyList<string> AllWords { get; } = [.. Enum.GetValues<OptimizerKind>().Select(kind => kind.Words)];

    /// <summary>The kind that a word names, one of <see cref="AllWords"/>; null for another word.</summary>
    public static OptimizerKind? Named(string word) => Enum.GetValues<OptimizerKind>().Cast<OptimizerKind?>().FirstOrDefault(kind => kind!.Value.Words == word); // not null: of the values

    extension(OptimizerKind kind)
    {
        /// <summary>As options name it: <c>sgd</c>, <c>adam</c>, <c>adamw</c>, <c>rmsprop</c>.</summary>
        public string Words => kind switch
        {
            OptimizerKind.Sgd => "sgd",
            OptimizerKind.Adam => "adam",
            OptimizerKind.AdamW => "adamw",
            OptimizerKind.Rmsprop => "rmsprop",
        };

        /// <summary>As its paper writes it.</summary>
        public string Title => kind switch
        {
            OptimizerKind.Sgd => "SGD",
            OptimizerKind.Adam => "Adam",
            OptimizerKind.AdamW => "AdamW",
            OptimizerKind.Rmsprop => "RMSprop",
        };

        /// <summary>Whether each weight's step is divided by the size of its gradients, so that the learning rate says how far weights go.</summary>
        public bool IsAdaptive => kind != OptimizerKind.Sgd;

        /// <summary>Whether <see cref="TrainingOptions.Momentum"/> counts.</summary>
        public bool HasMomentum => kind is OptimizerKind.Sgd or OptimizerKind.Rmsprop;

        /// <summary>A learning rate to begin with where none is said.</summary>
        public double UsualLearningRate => kind.IsAdaptive ? 0.001 : 0.1;
    }
}
