using System.Text;

namespace NasPlatform.Search.Datasets.Files;

/// <summary>The characters of a file in UTF-8 (or UTF-16 with a byte order mark), out of gzip where it is in it, with errors that name the file and the line.</summary>
internal sealed class TextFile : IDisposable
{
    private const int LongestLine = 1 << 26;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly StreamReader _reader;
    private readonly string _name;
    private char[] _buffer = new char[1 << 16];
    private int _start;
    private int _end;

    /// <param name="content">Is disposed with this.</param>
    public TextFile(Stream content, string name, DatasetLimits limits)
    {
        _name = name;
        _reader = new StreamReader(Open(content, name, limits), Strict, detectEncodingFromByteOrderMarks: true, 1 << 16);
    }

    /// <summary>The 1-based line that was read last; lines that are still being read count as begun.</summary>
    public long Line { get; private set; }

    /// <summary>The bytes of a file, unzipped, within the limit for what is read into memory.</summary>
    public static Stream Open(Stream content, string name, DatasetLimits limits) => new LimitedStream(SourceFiles.Gunzip(content, name, limits), name, limits.MaxTextBytes);

    /// <summary>The next characters; none at the end.</summary>
    /// <exception cref="UserErrorException">The file is damaged, no text, or over a limit.</exception>
    public ReadOnlySpan<char> Read()
    {
        var read = Fill(_buffer);
        var characters = _buffer.AsSpan(0, read);
        Line += characters.Count('\n');
        return characters;
    }

    /// <summary>The next line without its end, good until the next is read; not to be mixed with <see cref="Read"/>.</summary>
    /// <exception cref="UserErrorException">As for <see cref="Read"/>, or the line is too long.</exception>
    public bool TryReadLine(out ReadOnlySpan<char> line)
    {
        for (var searched = _start; ;)
        {
            var at = _buffer.AsSpan(searched.._end).IndexOf('\n');
            if (at >= 0)
            {
                line = _buffer.AsSpan(_start..(searched + at)).TrimEnd('\r');
                _start = searched + at + 1;
                Line++;
                return true;
            }
            if (_start > 0)
                _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            searched = _end;
            if (_end == _buffer.Length)
            {
                if (_end >= LongestLine)
                    throw Wrong($"it has more than {LongestLine:N0} characters", Line + 1);
                Array.Resize(ref _buffer, 2 * _end);
            }
            var read = Fill(_buffer.AsSpan(_end));
            _end += read;
            if (read == 0)
            {
                line = _buffer.AsSpan(_start.._end).TrimEnd('\r');
                _start = _end;
                Line += line.IsEmpty ? 0 : 1;
                return !line.IsEmpty;
            }
        }
    }

    /// <summary>An error at the line that was read last.</summary>
    public UserErrorException Wrong(string what, long? line = null) => new($"{_name}, line {line ?? Line:N0}: {what}.");

    public void Dispose() => _reader.Dispose();

    private string After => Line > 0 ? $"after line {Line:N0} " : "";

    private int Fill(Span<char> buffer)
    {
        try
        {
            var read = _reader.Read(buffer);
            if (buffer[..read].Contains('\0'))
                throw new UserErrorException($"{_name} is not text: {After}it holds zero bytes. Save it as UTF-8.");
            return read;
        }
        catch (DecoderFallbackException e)
        {
            throw new UserErrorException($"{_name} is not UTF-8 text: {After}it has bytes that are no character. Save it as UTF-8.", e);
        }
        catch (Exception e) when (SourceFiles.IsDamage(e))
        {
            throw new UserErrorException($"{_name} is damaged: {e.Message} Copy or download it again.", e);
        }
    }

    private sealed class LimitedStream(Stream content, string name, long most) : ForwardStream
    {
        private long _count;

        public override int Read(Span<byte> buffer)
        {
            var read = content.Read(buffer);
            _count += read;
            return _count <= most ? read
                : throw new UserErrorException($"{name} has more than {most:N0} bytes, which is the limit for what is read into memory (Datasets:Limits:MaxTextBytes in appsettings.json).");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                content.Dispose();
            base.Dispose(disposing);
        }
    }
}
