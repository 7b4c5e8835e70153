using System.Globalization;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>What the cells of a column are like, found out row by row.</summary>
internal sealed class ColumnProfile(string name)
{
    /// <summary>So many different whole numbers make it unlikely that they number classes.</summary>
    private const int MostClasses = 20;

    private static readonly string[] TimeFormats =
    [
        "yyyy-M", "yyyy-M-d", "yyyy-M-d H:m", "yyyy-M-d H:m:s.FFFFFFFK", "yyyy-M-d'T'H:mK", "yyyy-M-d'T'H:m:s.FFFFFFFK", "yyyy/M", "yyyy/M/d", "yyyy/M/d H:m", "yyyy/M/d H:m:s", "yyyyMMdd",
        "d.M.yyyy", "d.M.yyyy H:m", "d.M.yyyy H:m:s", "M/d/yyyy", "M/d/yyyy H:m", "M/d/yyyy H:m:s", "d/M/yyyy", "d/M/yyyy H:m", "d/M/yyyy H:m:s",
    ];

    private readonly HashSet<double> _different = [];
    private readonly Order _numbers = new();

    // Of each format that fits all cells so far.
    private Dictionary<string, Order>? _times;

    public string Name => name;

    public int Missing { get; private set; }

    /// <summary>Cells with something that is no number.</summary>
    public int Texts { get; private set; }

    public int Numbers { get; private set; }

    /// <summary>Whether all that is there is numbers.</summary>
    public bool IsNumeric => Texts == 0 && Numbers > 0;

    /// <summary>Whether its numbers are few whole ones, as those of classes are.</summary>
    public bool IsFewWholeNumbers => IsNumeric && _numbers.IsWhole && _different.Count <= Math.Max(2, Math.Min(MostClasses, Numbers / 5));

    /// <summary>Which way its dates go from row to row; null where it has no dates in every row, or they go back and forth.</summary>
    public Direction? TimeDirection => Missing > 0 || _times is null ? null : _times.Values.Select(order => order.Direction).FirstOrDefault(direction => direction is not null);

    /// <summary>Which way its numbers go, where they are whole ones in every row that grow or fall at each.</summary>
    public Direction? CountDirection => Missing > 0 || Texts > 0 || !_numbers.IsWhole ? null : _numbers.Direction;

    public void Add(string text, bool hasDecimalCommas)
    {
        if (Cell.IsMissing(text))
        {
            Missing++;
            return;
        }
        if (Cell.IsNumber(text, hasDecimalCommas, out var number))
        {
            Numbers++;
            _numbers.Add(number);
            if (_different.Count <= MostClasses)
                _different.Add(number);
        }
        else
        {
            Texts++;
        }
        AddTime(text);
    }

    private void AddTime(string text)
    {
        if (_times is { Count: 0 })
            return;
        _times ??= TimeFormats.ToDictionary(format => format, _ => new Order(), StringComparer.Ordinal);
        foreach (var (format, order) in _times)
        {
            if (DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
                order.Add(time.Ticks);
            else
                _times.Remove(format);
        }
    }

    private sealed class Order
    {
        private double _last;
        private int _count;
        private bool _grows = true;
        private bool _falls = true;

        public bool IsWhole { get; private set; } = true;

        public Direction? Direction => _count < 2 || _grows == _falls ? null : _grows ? Layouts.Direction.Up : Layouts.Direction.Down;

        public void Add(double value)
        {
            IsWhole &= value == Math.Floor(value);
            _grows &= _count == 0 || value > _last;
            _falls &= _count == 0 || value < _last;
            _last = value;
            _count++;
        }
    }
}

/// <summary>Which way a column goes from row to row.</summary>
internal enum Direction
{
    Up,
    Down,
}
