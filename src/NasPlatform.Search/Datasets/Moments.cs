namespace NasPlatform.Search.Datasets;

/// <summary>Mean and deviation of numbers that come one after another (Welford, 1962), so that nothing cancels.</summary>
internal struct Moments
{
    private double _squares;

    public long Count { get; private set; }

    public double Mean { get; private set; }

    /// <summary>Of the whole population: divided by the count.</summary>
    public readonly double Std => Count == 0 ? 0 : Math.Sqrt(_squares / Count);

    public void Add(double value)
    {
        Count++;
        var difference = value - Mean;
        Mean += difference / Count;
        _squares += difference * (value - Mean);
    }
}
