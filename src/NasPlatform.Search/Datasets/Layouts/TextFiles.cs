using System.Runtime.InteropServices;
using System.Text;
using NasPlatform.Search.Datasets.Files;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>
/// A text to learn the next token of: words between white space with <c>&lt;eos&gt;</c> at each line's end, as language models on the Penn Treebank and WikiText-2 take them
/// (Mikolov et al., 2010; Merity et al., 2016), or characters. The vocabulary is the training split's.
/// </summary>
internal sealed class TextFiles : DatasetSource
{
    private const string EndOfSentence = "<eos>";
    private const string Unknown = "<unk>";
    private const int StepsOfWords = 35;
    private const int StepsOfCharacters = 64;
    private const int MostDifferent = 5_000_000;
    private const int LongestWord = 1 << 20;

    private readonly SplitFiles _files;

    private TextFiles(SplitFiles files)
        : base(files.Files) => _files = files;

    /// <summary>The text of files that end in .txt, .text or .tokens, gzipped or not, or null where there is none.</summary>
    /// <exception cref="UserErrorException">Which files are meant is not clear.</exception>
    public static DatasetSource? TryRead(SourceFiles files, bool isNamed, string path, IngestOptions options)
    {
        var found = SplitFiles.Find(files, isNamed, name => Endings.Of(name) is ".txt" or ".text" or ".tokens" || (isNamed && options.Task == TaskKind.LanguageModelling), "the text", path);
        return found is null ? null : new TextFiles(found) { Kind = found.Kind("text file") };
    }

    /// <inheritdoc/>
    public override DatasetContent Take(IngestJob job)
    {
        var options = job.Options;
        var steps = options.Steps ?? (options.Characters ? StepsOfCharacters : StepsOfWords);
        var known = new Words();
        var (tokens, ends) = Join(job, ReadAll(job, known));
        var isShort = ends.Train <= steps;
        if (isShort || ends.Validation == ends.Train + 1 || ends.Test == ends.Validation + 1)
            throw new UserErrorException($"{job.Path} has {ends.Train:N0} {What(options)} for training, {ends.Validation - ends.Train:N0} for validation and {ends.Test - ends.Validation:N0} for the test; needed are {(isShort ? $"more than the {steps:N0} steps that are learnt from at once" : "at least 2 for each")}. Add text, or choose other shares{(isShort ? " or fewer steps" : "")}.");
        job.CheckDisk(9L * tokens.Count + (1 << 20), $"{tokens.Count:N0} {What(options)}", "take a part of the text");

        var (vocabulary, labelOf) = Choose(known, CollectionsMarshal.AsSpan(tokens), ends.Train, options.Vocabulary);
        var counts = new int[vocabulary.Length, 3];
        var splits = new Split[tokens.Count];
        for (var i = 0; i < tokens.Count; i++)
        {
            splits[i] = i < ends.Train ? Split.Train : i < ends.Validation ? Split.Validation : Split.Test;
            counts[tokens[i] = labelOf[tokens[i]], (int)splits[i]]++;
        }
        ClassCounts[] classes = [.. vocabulary.Select((token, label) => new ClassCounts(token, counts[label, 0], counts[label, 1], counts[label, 2]))];
        CheckKnown(job.Path, classes);
        var report = job.Report(this) with
        {
            Task = TaskKind.LanguageModelling,
            Classes = classes,
            Width = steps,
            IsCharacters = options.Characters,
            Notes = [.. Notes, .. UnknownNotes(classes)],
        };
        return new(report,
        [
            new(Dataset.LabelsTensor, TensorType.I64, [tokens.Count], stream => Write(stream, tokens, job.Cancellation)),
            Labelled.SplitTensor(splits),
        ]);
    }

    private static string What(IngestOptions options) => options.Characters ? "characters" : "words";

    // A tar gives its files in its own order.
    private Dictionary<Split, List<int>> ReadAll(IngestJob job, Words known)
    {
        var (limits, isCharacters) = (job.Options.Limits, job.Options.Characters);
        var count = job.Work.Count("reading", TaskKind.LanguageModelling);
        var splits = _files.Parts.ToDictionary(part => part.File, part => part.Split ?? Split.Train);
        var parts = new Dictionary<Split, List<int>>();
        foreach (var (file, content) in Source.Read(splits.Keys))
        {
            var name = Source.Files[file].Name;
            using var text = new TextFile(content, name, limits);
            var part = parts[splits[file]] = [];
            var reader = new Tokeniser(text, known, part, () =>
            {
                var read = parts.Values.Sum(some => (long)some.Count);
                if (read > limits.MaxValues)
                    throw new UserErrorException($"{name} has more than {limits.MaxValues:N0} {What(job.Options)}, which is the limit (Datasets:Limits:MaxValues in appsettings.json).");
                if (known.Names.Count > MostDifferent)
                    throw new UserErrorException($"{name} has more than {MostDifferent:N0} different words: it is no text in a language. Learn its characters instead.");
                count(read);
            });
            if (isCharacters)
                reader.ReadCharacters();
            else
                reader.ReadWords();
            if (part.Count == 0)
                throw new UserErrorException($"{name} is empty: it has no {What(job.Options)}.");
        }
        return parts;
    }

    // One after another, and where each ends. What no file sets aside is taken from the end of the training text: for validation, and after that for the test.
    private (List<int> Tokens, (int Train, int Validation, int Test) Ends) Join(IngestJob job, Dictionary<Split, List<int>> parts)
    {
        var train = parts[Split.Train];
        var all = train.Count;
        var test = parts.GetValueOrDefault(Split.Test) ?? Cut(job.Options.TestFraction, "test");
        var validation = parts.GetValueOrDefault(Split.Validation) ?? Cut(job.Options.ValidationFraction, "validation");
        var end = train.Count;
        train.AddRange(validation);
        train.AddRange(test);
        return (train, (end, end + validation.Count, train.Count));

        List<int> Cut(double share, string word)
        {
            var count = (int)Math.Round(all * share, MidpointRounding.AwayFromZero);
            var cut = train[^count..];
            train.RemoveRange(train.Count - count, count);
            Notes.Add($"The source sets no {word} text aside; {count:N0} {What(job.Options)} were taken from the end of that for training.");
            return cut;
        }
    }

    private static (string[] Vocabulary, int[] LabelOf) Choose(Words known, ReadOnlySpan<int> tokens, int train, int most)
    {
        var counts = new int[known.Names.Count];
        foreach (var token in tokens[..train])
            counts[token]++;
        var isMissed = false;
        foreach (var token in tokens[train..])
            isMissed |= counts[token] == 0;
        var (end, unknown) = (known.Find(EndOfSentence), known.Find(Unknown));
        // A line's end is kept even where a text has few.
        var others = Enumerable.Range(0, counts.Length).Where(token => counts[token] > 0 && token != unknown)
            .OrderByDescending(token => token == end).ThenByDescending(token => counts[token]).ThenBy(token => known.Names[token], StringComparer.Ordinal).ToArray();
        var needsUnknown = isMissed || others.Length > most || (unknown >= 0 && counts[unknown] > 0);
        var kept = others.Take(most - (needsUnknown ? 1 : 0)).Select(token => (Name: known.Names[token], Token: token, Count: counts[token]));
        if (needsUnknown)
            kept = kept.Append((Unknown, -1, train - kept.Sum(entry => entry.Count)));
        var ordered = kept.OrderByDescending(entry => entry.Count).ThenBy(entry => entry.Name, StringComparer.Ordinal).ToArray();
        var labelOf = new int[counts.Length];
        Array.Fill(labelOf, Array.FindIndex(ordered, entry => entry.Token < 0));
        foreach (var (label, entry) in ordered.Index())
            if (entry.Token >= 0)
                labelOf[entry.Token] = label;
        return ([.. ordered.Select(entry => entry.Name)], labelOf);
    }

    private static void CheckKnown(string path, ClassCounts[] classes)
    {
        if (classes.Length < 2)
            throw new UserErrorException($"The training text of {path} has the one token '{classes[0].Name}'; there is nothing to predict.");
        foreach (var (split, word) in new[] { (Split.Validation, "validation"), (Split.Test, "the test") })
        {
            var total = classes.Sum(entry => entry.Of(split));
            if (total > 0 && classes.Where(entry => entry.Name is not (Unknown or EndOfSentence)).Sum(entry => entry.Of(split)) == 0)
                throw new UserErrorException($"Not one of the {total:N0} tokens for {word} in {path} is in the training text's vocabulary: they are of another language or made in another way.");
        }
    }

    private static IEnumerable<string> UnknownNotes(ClassCounts[] classes)
    {
        if (classes.FirstOrDefault(entry => entry.Name == Unknown) is not { } unknown)
            yield break;
        var shares = Enum.GetValues<Split>().Select(split => (Split: split, Total: classes.Sum(entry => (long)entry.Of(split)))).Where(part => part.Total > 0)
            .Select(part => $"{(100.0 * unknown.Of(part.Split) / part.Total).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)} % of the {(part.Split == Split.Train ? "training" : part.Split == Split.Test ? "test" : "validation")} tokens");
        yield return $"{Unknown} stands for what is not in the vocabulary: {string.Join(", ", shares)}.";
    }

    private static void Write(Stream stream, List<int> tokens, CancellationToken cancellation)
    {
        foreach (var part in tokens.Chunk(1 << 16))
        {
            cancellation.ThrowIfCancellationRequested();
            stream.Write(MemoryMarshal.AsBytes<long>(Array.ConvertAll(part, token => (long)token)));
        }
    }

    /// <summary>Different tokens, numbered as they are met.</summary>
    private sealed class Words
    {
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

        public Words() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

        public List<string> Names { get; } = [];

        public int Find(string word) => _numbers.GetValueOrDefault(word, -1);

        public int NumberOf(ReadOnlySpan<char> word)
        {
            if (_lookup.TryGetValue(word, out var number))
                return number;
            Names.Add(word.ToString());
            _numbers.Add(Names[^1], Names.Count - 1);
            return Names.Count - 1;
        }
    }

    /// <param name="check">Is called after each block.</param>
    private sealed class Tokeniser(TextFile text, Words known, List<int> tokens, Action check)
    {
        public void ReadWords()
        {
            var word = new StringBuilder();
            var isLineBegun = false;
            for (var block = text.Read(); !block.IsEmpty; block = text.Read())
            {
                while (!block.IsEmpty)
                {
                    var length = 0;
                    while (length < block.Length && !char.IsWhiteSpace(block[length]))
                        length++;
                    isLineBegun |= length > 0;
                    if (length == block.Length)
                    {
                        // It may go on in the next block.
                        if (word.Append(block).Length > LongestWord)
                            throw text.Wrong($"a word has more than {LongestWord:N0} characters; learn the characters instead", text.Line + 1);
                        break;
                    }
                    Add(word, block[..length]);
                    if (block[length] == '\n')
                        tokens.Add(known.NumberOf(EndOfSentence));
                    isLineBegun = block[length] != '\n';
                    block = block[(length + 1)..];
                }
                check();
            }
            Add(word, []);
            if (isLineBegun)
                tokens.Add(known.NumberOf(EndOfSentence));
            check();
        }

        public void ReadCharacters()
        {
            var before = '\0';
            Span<char> pair = stackalloc char[2];
            for (var block = text.Read(); !block.IsEmpty; block = text.Read())
            {
                foreach (var character in block)
                {
                    // A line's end is one character, whatever wrote it.
                    if (before == '\r' && character != '\n')
                        tokens.Add(known.NumberOf("\r"));
                    if (char.IsLowSurrogate(character))
                    {
                        (pair[0], pair[1]) = (before, character);
                        tokens.Add(known.NumberOf(pair));
                    }
                    else if (character != '\r' && !char.IsHighSurrogate(character))
                    {
                        tokens.Add(known.NumberOf(new(in character)));
                    }
                    before = character;
                }
                check();
            }
            if (before == '\r')
                tokens.Add(known.NumberOf("\r"));
            check();
        }

        private void Add(StringBuilder begun, ReadOnlySpan<char> rest)
        {
            if (begun.Length == 0)
            {
                if (!rest.IsEmpty)
                    tokens.Add(known.NumberOf(rest));
                return;
            }
            tokens.Add(known.NumberOf(begun.Append(rest).ToString()));
            begun.Clear();
        }
    }
}
