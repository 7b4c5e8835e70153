using System.Globalization;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NasPlatform.Web.Commands;

/// <summary>A row of numbers drawn as a curve of block characters, with a scale on its left and a line at a height of interest.</summary>
internal static class Curve
{
    private const string Blocks = " ▁▂▃▄▅▆▇█";
    private const int Scale = 7; // columns
    private static readonly Style Faint = new(Color.Grey);
    private static readonly Style Good = new(Color.Green);

    /// <param name="values">0 to <paramref name="most"/>; neighbours are averaged where they do not fit.</param>
    /// <param name="count">How many there will be.</param>
    /// <param name="most">The top of the scale.</param>
    /// <param name="line">Where the line is drawn.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows, at least 2.</param>
    public static IRenderable Render(IReadOnlyList<double> values, int count, double most, double line, int width, int height)
    {
        var columns = Math.Max(1, Math.Min(count, width - Scale));
        var heights = Enumerable.Range(0, columns).Select(column => Mean(column * count / columns, (column + 1) * count / columns)).ToList();
        var lineRow = height - 1 - Math.Min(height - 1, (int)(line / most * height));
        var rows = new List<IRenderable>();
        for (var row = 0; row < height; row++)
        {
            var paragraph = new Paragraph().Append(Label(row).PadLeft(Scale - 2), Faint).Append("┤", Faint);
            var floor = (double)(height - 1 - row) / height * most;
            var run = new StringBuilder();
            var isFaint = false;
            foreach (var value in heights)
            {
                var block = value is { } known ? Blocks[(int)Math.Round(Math.Clamp((known - floor) / most * height, 0, 1) * 8)] : ' ';
                var isLine = block == ' ' && row == lineRow;
                if (isLine != isFaint)
                {
                    Flush();
                    isFaint = isLine;
                }

                run.Append(isLine ? '╌' : block);
            }

            Flush();
            rows.Add(paragraph);

            void Flush()
            {
                paragraph.Append(run.ToString(), isFaint ? Faint : Good);
                run.Clear();
            }
        }

        return new Rows(rows);

        double? Mean(int first, int end) => first < values.Count ? values.Skip(first).Take(Math.Max(1, end - first)).Average() : null;

        string Label(int row) => row == 0 ? Number(most) : row == height - 1 ? Number(0) : row == height / 2 ? Number(most / 2) : "";

        static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
    }
}
