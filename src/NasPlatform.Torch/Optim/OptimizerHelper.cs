using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>An optimiser that keeps a state for each parameter.</summary>
public abstract class OptimizerHelper : Optimizer
{
    private readonly Dictionary<Parameter, OptimizerState> _states = new(ReferenceEqualityComparer.Instance);

    public OptimizerHelper()
    {
    }

    public override void add_param_group(ParamGroup param_group)
    {
        base.add_param_group(param_group);
        foreach (Parameter parameter in param_group.Parameters)
        {
            if (!_states.TryAdd(parameter, NewState(parameter)))
                throw new ArgumentException("Some parameters appear in more than one parameter group.", nameof(param_group));
        }
    }

    /// <summary>Options and states as they are now; they go on changing with the optimiser.</summary>
    public virtual StateDictionary state_dict()
    {
        StateDictionary dictionary = new();
        foreach (ParamGroup group in Groups)
        {
            dictionary.Options.Add(group.Options);
            dictionary.State.AddRange(group.Parameters.Select(parameter => _states[parameter]));
        }
        return dictionary;
    }

    /// <summary>Takes over copies of another optimiser's options and states, group by group and parameter by parameter.</summary>
    public virtual void load_state_dict(StateDictionary state_dict)
    {
        StateDictionary mine = this.state_dict();
        if (mine.Options.Count != state_dict.Options.Count) throw new ArgumentException("Invalid optimizer state -- different number of parameter groups.");
        if (mine.State.Count != state_dict.State.Count) throw new ArgumentException("Invalid optimizer state -- different number of states.");
        for (int i = 0; i < mine.Options.Count; i++) mine.Options[i].LoadStateDict(state_dict.Options[i]);
        for (int i = 0; i < mine.State.Count; i++) mine.State[i].LoadStateDict(state_dict.State[i]);
    }

    public void to(Device device)
    {
        foreach (OptimizerState state in _states.Values) state.to(device);
    }

    internal abstract OptimizerState NewState(Parameter parameter);

    /// <summary>Computes the loss anew if asked, then changes the parameters of each group by its states.</summary>
    private protected Tensor? StepAll(Func<Tensor>? closure, Action<ParamGroup, OptimizerState[]> step)
    {
        Tensor? loss = base.step(closure);
        foreach (ParamGroup group in Groups) step(group, [.. group.Parameters.Select(parameter => _states[parameter])]);
        return loss;
    }

    private protected void FreeStates()
    {
        foreach (OptimizerState state in _states.Values) state.Free();
        _states.Clear();
        Groups.Clear();
    }

    private protected void AddGroups<TGroup>(IEnumerable<TGroup> groups) where TGroup : ParamGroup
    {
        foreach (TGroup group in groups) add_param_group(group);
    }
}

/// <summary>Options of a group of parameters.</summary>
public class OptimizerOptions
{
    public double? LearningRate { get; set; }

    /// <summary>Where schedules of the learning rate start from.</summary>
    public double InitialLearningRate { get; set; }

    public virtual void LoadStateDict(OptimizerOptions source) =>
        (LearningRate, InitialLearningRate) = (source.LearningRate, source.InitialLearningRate);
}

/// <summary>What an optimiser remembers of a parameter.</summary>
public abstract class OptimizerState
{
    private protected readonly Parameter Parameter;

    protected OptimizerState(Parameter parameter) => Parameter = parameter;

    /// <summary>Makes what the options ask for, where it is not there yet.</summary>
    public abstract void Initialize(OptimizerOptions options);

    /// <summary>Copies another state's values.</summary>
    public abstract void LoadStateDict(OptimizerState source);

    public virtual void to(Device device)
    {
    }

    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    internal abstract void Free();

    /// <summary>Zeros in the parameter's shape and memory order that live until the state is freed.</summary>
    private protected Tensor ZerosLikeParameter()
    {
        using IDisposable _ = no_grad();
        return zeros_like(Parameter).DetachFromDisposeScope();
    }

    /// <summary>Replaces a state's tensor by a copy of another one's.</summary>
    private protected static void Copy(ref Tensor? mine, Tensor? source)
    {
        if (ReferenceEquals(mine, source)) return;
        mine?.Dispose();
        mine = source?.clone().DetachFromDisposeScope();
    }

    private protected static void Move(ref Tensor? tensor, Device device)
    {
        Tensor? before = tensor;
        tensor = before?.to(device).DetachFromDisposeScope();
        before?.Dispose();
    }

    private protected static bool Close(Tensor? mine, Tensor? other) =>
        mine is null ? other is null : other is not null && mine.allclose(other);
}

/// <summary>Parameters that share options.</summary>
public class ParamGroup : ILearningRateController
{
    public IEnumerable<Parameter> Parameters { get; set; } = [];
    public OptimizerOptions Options { get; set; } = null!; // filled in when the group is added, at the latest

    public double LearningRate
    {
        get => Options.LearningRate!.Value; // filled in when the group is added, at the latest
        set => Options.LearningRate = value;
    }

    public double InitialLearningRate
    {
        get => Options.InitialLearningRate;
        set => Options.InitialLearningRate = value;
    }
}

public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
{
    public ParamGroup()
    {
    }

    public ParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null)
    {
        Parameters = [.. parameters];
        base.Options = options!; // filled in when the group is added, at the latest
    }

    public new TOptions Options
    {
        get => (TOptions)base.Options;
        set => base.Options = value;
    }
}
