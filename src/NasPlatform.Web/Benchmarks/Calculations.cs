using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;

namespace NasPlatform.Web.Benchmarks;

/// <summary>
/// Calculates what is asked of tables, one thing after the other on threads of its own and on half of the cores, and keeps the answers in the data folder. What is asked for is told apart by all
/// that the answer depends on, so whoever asks for the same again, after a restart or from another address, gets what is there (docs/decisions/0015).
/// </summary>
internal sealed partial class Calculations(DataFolders folders, TimeProvider time, ILogger<Calculations> log) : IDisposable
{
    /// <summary>Answers of a table that are kept; the oldest go first.</summary>
    private const int MostKept = 500;

    /// <summary>What failed or was cancelled is remembered for as long as there are not more than this.</summary>
    private const int MostRemembered = 100;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, RespectRequiredConstructorParameters = true };

    /// <summary>Another program may calculate something else.</summary>
    private static readonly string Program = typeof(BenchmarkStudy).Module.ModuleVersionId.ToString("N");

    private readonly ConcurrentDictionary<string, Calculation> _asked = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _closing = new();

    /// <summary>The cores that a calculation may have: trials need the others.</summary>
    public static int Cores => Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>The name of an answer: 20 digits that are the same for the same question to the same table.</summary>
    public static string IdOf(OpenTable table, string question) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { Program, table.Version, question })))[..20];

    /// <summary>What is being calculated under a name, or could not be; null where nobody asked, or where the answer is there.</summary>
    public Calculation? Find(string id) => _asked.GetValueOrDefault(id);

    /// <summary>An answer that is there; null where it is not.</summary>
    public T? Read<T>(string table, string id)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(FileOf(table, id)), Format);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Begins to calculate something, unless it is going on already.</summary>
    /// <param name="table">The table's name.</param>
    /// <param name="id">Of <see cref="IdOf"/>.</param>
    /// <param name="calculate">Tells how much is done, 0 to 1.</param>
    public Calculation Start<T>(string table, string id, Func<Action<double>, CancellationToken, T> calculate)
    {
        lock (_asked)
        {
            if (_asked.TryGetValue(id, out var known) && known.IsGoingOn)
            {
                return known;
            }

            foreach (var (other, ended) in _asked.Where(entry => !entry.Value.IsGoingOn).Take(_asked.Count - MostRemembered))
            {
                _asked.TryRemove(other, out _);
                ended.Dispose();
            }

            var begun = new Calculation();
            _asked[id] = begun;
            new Thread(() => Calculate(begun, table, id, calculate)) { IsBackground = true, Name = $"benchmark {table}" }.Start();
            return begun;
        }
    }

    /// <summary>Forgets all answers of a table.</summary>
    public void Forget(string table)
    {
        if (Directory.Exists(FolderOf(table)))
        {
            Directory.Delete(FolderOf(table), recursive: true);
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        _closing.Dispose();
    }

    private void Calculate<T>(Calculation asked, string table, string id, Func<Action<double>, CancellationToken, T> calculate)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(asked.Stopped, _closing.Token);
            _turn.Wait(either.Token);
            try
            {
                asked.Begin();
                Keep(table, id, calculate(asked.Tell, either.Token));
            }
            finally
            {
                _turn.Release();
            }

            asked.End(CalculationState.Completed);
            _asked.TryRemove(id, out _);
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            asked.End(CalculationState.Cancelled);
        }
        catch (UserErrorException error)
        {
            asked.End(CalculationState.Failed, error.Message);
        }
        catch (Exception error)
        {
            // Its thread is its own: what goes wrong there must not end the server.
            Broke(log, table, error);
            asked.End(CalculationState.Failed, "It broke off; the reason is in the server's log.");
        }
    }

    private void Keep<T>(string table, string id, T answer)
    {
        var folder = Directory.CreateDirectory(FolderOf(table));
        var partial = Path.Join(folder.FullName, $"{id}.{time.GetUtcNow().Ticks:x}.partial");
        File.WriteAllBytes(partial, JsonSerializer.SerializeToUtf8Bytes(answer, Format));
        File.Move(partial, FileOf(table, id), overwrite: true);
        foreach (var old in folder.GetFiles("*.json").OrderByDescending(file => file.LastWriteTimeUtc).Skip(MostKept))
        {
            old.Delete();
        }
    }

    private string FolderOf(string table) => Path.Join(folders.BenchmarkAnswers, table);

    private string FileOf(string table, string id) => Path.Join(FolderOf(table), id + ".json");

    [LoggerMessage(Level = LogLevel.Error, Message = "A calculation on the benchmark {Table} broke off.")]
    private static partial void Broke(ILogger log, string table, Exception error);
}
