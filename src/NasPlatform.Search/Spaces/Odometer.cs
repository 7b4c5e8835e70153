namespace NasPlatform.Search.Spaces;

/// <summary>
/// Walks every way through a space's decisions as an odometer counts: the last decision moves fastest. Decisions may depend on
/// earlier ones. Walk with <see cref="Walk"/>, then <see cref="Advance"/>, until that returns false.
/// </summary>
/// <param name="points">How many options of each decision it stops at, evenly spaced, the first and the last among them; at least 2 where it is not all.</param>
public sealed class Odometer(int points = int.MaxValue)
{
    private readonly List<(int Value, int Options)> _wheels = [];

    /// <summary>An answerer for one walk at the present reading.</summary>
    public Answerer Walk() => new Reader(_wheels, points);

    /// <summary>Moves to the next reading; false when all were seen.</summary>
    public bool Advance()
    {
        while (_wheels.Count > 0)
        {
            var (value, options) = _wheels[^1];
            if (value + 1 < options)
            {
                _wheels[^1] = (value + 1, options);
                return true;
            }

            _wheels.RemoveAt(_wheels.Count - 1);
        }

        return false;
    }

    private sealed class Reader(List<(int Value, int Options)> wheels, int points) : Answerer
    {
        private int _next;

        protected override int Answer(string name, Choice choice)
        {
            var (all, stops) = (choice.Options.Length, Math.Min(points, choice.Options.Length));
            if (_next == wheels.Count)
            {
                wheels.Add((0, stops));
            }

            var stop = wheels[_next++].Value;
            return stops == all ? stop : (int)Math.Round((double)stop * (all - 1) / (stops - 1));
        }
    }
}
