namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>
        /// Schedules of the learning rate, with PyTorch's meaning: a schedule sets the rates of all groups when it is made
        /// and at each step, which is called once after each epoch (or batch, if it counts batches).
        /// </summary>
        public static partial class lr_scheduler
        {
            /// <summary>Multiplies by <paramref name="gamma"/> every <paramref name="step_size"/> steps.</summary>
            public static LRScheduler StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new Schedule(optimizer, last_epoch, verbose,
                    closed: (start, epoch) => start * Math.Pow(gamma, epoch / step_size),
                    next: (rate, _, epoch) => epoch > 0 && epoch % step_size == 0 ? rate * gamma : rate);

            /// <summary>Multiplies by <paramref name="gamma"/> at each milestone.</summary>
            public static LRScheduler MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false)
            {
                int[] marks = [.. milestones];
                return new Schedule(optimizer, last_epoch, verbose,
                    closed: (start, epoch) => start * Math.Pow(gamma, marks.Count(mark => mark <= epoch)),
                    next: (rate, _, epoch) => rate * Math.Pow(gamma, marks.Count(mark => mark == epoch)));
            }

            public static LRScheduler ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new Schedule(optimizer, last_epoch, verbose,
                    closed: (start, epoch) => start * Math.Pow(gamma, epoch),
                    next: (rate, _, epoch) => epoch == 0 ? rate : rate * gamma);

            /// <summary>Half a cosine from the initial rate to <paramref name="eta_min"/> in <paramref name="T_max"/> steps (Loshchilov and Hutter, SGDR, 2017).</summary>
            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) =>
                new Schedule(optimizer, last_epoch, verbose,
                    closed: (start, epoch) => eta_min + (start - eta_min) * (1 + Math.Cos(Math.PI * epoch / T_max)) / 2,
                    next: (rate, start, epoch) =>
                        epoch == 0 ? rate
                        : (epoch - 1 - T_max) % (2 * T_max) == 0 ? rate + (start - eta_min) * (1 - Math.Cos(Math.PI / T_max)) / 2
                        : (1 + Math.Cos(Math.PI * epoch / T_max)) / (1 + Math.Cos(Math.PI * (epoch - 1) / T_max)) * (rate - eta_min) + eta_min);

            /// <summary>The initial rate times a function of the step.</summary>
            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) =>
                new Schedule(optimizer, last_epoch, verbose,
                    closed: (start, epoch) => start * lr_lambda(epoch),
                    next: (_, start, epoch) => start * lr_lambda(epoch));

            /// <summary>The initial rate times <paramref name="factor"/> for <paramref name="total_iters"/> steps.</summary>
            public static LRScheduler ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false) =>
                new Schedule(optimizer, last_epoch, verbose,
                    closed: (start, epoch) => start * (epoch < total_iters ? factor : 1),
                    next: (rate, _, epoch) => epoch == 0 ? rate * factor : epoch == total_iters ? rate / factor : rate);

            /// <summary>A straight line from <paramref name="start_factor"/> to <paramref name="end_factor"/> times the initial rate in <paramref name="total_iters"/> steps.</summary>
            public static LRScheduler LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1, int total_iters = 5, int last_epoch = -1, bool verbose = false)
            {
                double rise = end_factor - start_factor;
                return new Schedule(optimizer, last_epoch, verbose,
                    closed: (start, epoch) => start * (start_factor + rise * Math.Min(total_iters, epoch) / total_iters),
                    next: (rate, _, epoch) =>
                        epoch == 0 ? rate * start_factor
                        : epoch > total_iters ? rate
                        : rate * (1 + rise / (total_iters * start_factor + (epoch - 1) * rise)));
            }

            /// <summary>One schedule after another: the first to the first milestone, and so on; each starts at its own beginning.</summary>
            public static LRScheduler SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1) =>
                new Sequence(optimizer, [.. schedulers], [.. milestones], last_epoch);
        }
    }
}
