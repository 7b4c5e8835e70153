namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            /// <summary>Sets an optimiser's learning rates, step by step.</summary>
            public abstract class LRScheduler
            {
                private readonly ILearningRateController[] _groups;
                private readonly bool _verbose;

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    _groups = [.. optimizer.ParamGroups];
                    _verbose = verbose;
                    Starts = [.. _groups.Select(group => group.InitialLearningRate)];
                    LastEpoch = last_epoch;
                }

                /// <summary>Steps taken since the beginning, which is step 0.</summary>
                internal int LastEpoch { get; set; }

                private protected double[] Starts { get; }
                private protected IEnumerable<double> Rates => _groups.Select(group => group.LearningRate);

                public IEnumerable<double> get_last_lr() => [.. Rates];

                public virtual void step()
                {
                    LastEpoch++;
                    Set(get_lr());
                }

                /// <summary>Goes to a step, wherever the schedule stands.</summary>
                public virtual void step(int? epoch)
                {
                    if (epoch is not { } target)
                    {
                        step();
                        return;
                    }
                    LastEpoch = target;
                    Set(get_closed_form_lr());
                }

                /// <summary>The rates of this step, from those of the one before.</summary>
                protected virtual IEnumerable<double> get_lr() => Rates;

                /// <summary>The rates of this step, from those at the beginning.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();

                private protected void Set(IEnumerable<double> rates)
                {
                    double[] all = [.. rates];
                    for (int i = 0; i < all.Length; i++)
                    {
                        _groups[i].LearningRate = all[i];
                        if (_verbose) Console.WriteLine($"Adjusting learning rate of group {i} to {all[i]}");
                    }
                }

                private protected void StartOver() => Set(Starts);
            }

            /// <summary>A schedule that a formula gives.</summary>
            private sealed class Schedule : LRScheduler
            {
                private readonly Func<double, int, double> _closed;
                private readonly Func<double, double, int, double> _next;

                /// <param name="optimizer">Whose rates are set.</param>
                /// <param name="lastEpoch">The step before the first.</param>
                /// <param name="verbose">Whether each rate set is written to the console.</param>
                /// <param name="closed">The rate from the initial rate and the step.</param>
                /// <param name="next">The rate from the one before, the initial rate and the step.</param>
                internal Schedule(Optimizer optimizer, int lastEpoch, bool verbose, Func<double, int, double> closed, Func<double, double, int, double> next)
                    : base(optimizer, lastEpoch, verbose)
                {
                    (_closed, _next) = (closed, next);
                    step();
                }

                protected override IEnumerable<double> get_lr() => Rates.Zip(Starts, (rate, start) => _next(rate, start, LastEpoch));
                protected override IEnumerable<double> get_closed_form_lr() => Starts.Select(start => _closed(start, LastEpoch));
            }

            private sealed class Sequence : LRScheduler
            {
                private readonly LRScheduler[] _schedulers;
                private readonly int[] _milestones;

                internal Sequence(Optimizer optimizer, LRScheduler[] schedulers, int[] milestones, int lastEpoch) : base(optimizer, lastEpoch + 1)
                {
                    if (schedulers.Length != milestones.Length + 1)
                        throw new ArgumentException($"{schedulers.Length} schedules need {schedulers.Length - 1} milestones, not {milestones.Length}.", nameof(milestones));
                    (_schedulers, _milestones) = (schedulers, milestones);
                    // Each schedule took its first step when it was made; only the first one's is wanted.
                    StartOver();
                    foreach (LRScheduler scheduler in schedulers) scheduler.LastEpoch--;
                    schedulers[0].step();
                }

                public override void step()
                {
                    LastEpoch++;
                    int current = _milestones.Count(milestone => milestone <= LastEpoch);
                    if (current > 0 && _milestones[current - 1] == LastEpoch) _schedulers[current].step(0);
                    else _schedulers[current].step();
                }
            }
        }
    }
}
