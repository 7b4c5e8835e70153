using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs.Runners;

/// <summary>
/// A runner as its server sees it: a child process of low priority that is watched. One that dies, grows too large or says nothing for too long fails the
/// attempt it worked on, and nothing else.
/// </summary>
internal sealed class RunnerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly RunnerLimits _limits;
    private readonly TimeProvider _time;
    private readonly Channel<RunnerMessage> _messages = Channel.CreateUnbounded<RunnerMessage>(new() { SingleReader = true });
    private readonly Lock _writing = new();
    private readonly Task _reading;
    private readonly Task<string> _complaints;
    private readonly ITimer _watching;
    private long _heardAt;
    private long _movedAt;
    private volatile RunnerFailureException? _killedFor;
    private volatile bool _isWorking;
    private volatile bool _isSteady;
    private volatile bool _isSpoiled;

    private RunnerProcess(Process process, RunnerLimits limits, TimeProvider time)
    {
        _process = process;
        _limits = limits;
        _time = time;
        _heardAt = _movedAt = time.GetTimestamp();
        _complaints = LastLinesAsync(process.StandardError);
        _reading = ReadAsync();
        _watching = time.CreateTimer(_ => Watch(), null, limits.WatchInterval, limits.WatchInterval);
    }

    public int ProcessId => _process.Id;

    /// <summary>Whether it lives and can be given other work.</summary>
    public bool IsUsable => !_isSpoiled && !_isWorking && !_messages.Reader.Completion.IsCompleted;

    /// <param name="dataFolder">The data folder.</param>
    /// <param name="limits">What it may use.</param>
    /// <param name="time">For the limits.</param>
    /// <exception cref="RunnerFailureException">It cannot be started.</exception>
    public static RunnerProcess Start(string dataFolder, RunnerLimits limits, TimeProvider time)
    {
        var info = ChildProgram.With("runner", "--data", dataFolder);

        // The parent decides how many threads each piece of work has; the math library's own would compete with them.
        info.Environment["OPENBLAS_NUM_THREADS"] = "1";
        info.Environment["NAS_RUNNER_PARENT"] = $"{Environment.ProcessId}";
        try
        {
            var process = Process.Start(info)!; // not null: without a shell a process is always started
            Yield(process);
            return new(process, limits, time);
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            throw new RunnerFailureException(AttemptOutcome.Crashed, $"A runner could not be started: {error.Message}");
        }
    }

    /// <summary>Sends an order; a runner that is gone takes none, and its messages say so.</summary>
    public void Send(RunnerOrder order)
    {
        var line = RunnerLines.Write(order);
        lock (_writing)
        {
            try
            {
                _process.StandardInput.WriteLine(line);
                _process.StandardInput.Flush();
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                // The pipe broke: the process has ended, and whoever reads the messages is told why.
            }
        }
    }

    /// <summary>
    /// Gives it work and hands on what it says until the work is over. When <paramref name="cancellation"/> is asked for, the runner is told to stop
    /// and has <see cref="RunnerLimits.StopPatience"/> for it.
    /// </summary>
    /// <exception cref="RunnerFailureException">It died, or was ended for one of its limits.</exception>
    public async IAsyncEnumerable<RunnerMessage> WorkAsync(
        RunnerOrder work, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        Interlocked.Exchange(ref _movedAt, _time.GetTimestamp());
        _isSteady = work.IsSteady;
        _isWorking = true;
        Send(work);

        // Where whoever works leaves before the last message, the runner is still at it and is not given other work.
        using var patience = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        using var stopping = cancellation.Register(() =>
        {
            Send(new RunnerOrder.Stop());
            patience.CancelAfter(_limits.StopPatience);
        });
        using var impatient = patience.Token.Register(() => Kill(new(AttemptOutcome.Cancelled, "The runner did not stop when it was told to and was ended.")));
        while (true)
        {
            RunnerMessage? message = null;
            try
            {
                message = await _messages.Reader.ReadAsync(CancellationToken.None);
            }
            catch (ChannelClosedException)
            {
                _isSpoiled = true;
            }

            if (message is null)
            {
                throw await WhyItEndedAsync();
            }

            if (message.IsLast)
            {
                // What was allocated around a failure for want of memory may never come back: the next work gets a fresh process.
                _isSpoiled |= message is RunnerMessage.Broke { IsOutOfMemory: true };
                _isSteady = _isWorking = false;
            }

            yield return message;
            if (message.IsLast)
            {
                yield break;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isSpoiled = true;
        await _watching.DisposeAsync();
        Kill();
        await _process.WaitForExitAsync();
        await _reading;
        await _complaints;
        _process.Dispose();
    }

    private static void Yield(Process process)
    {
        try
        {
            process.PriorityClass = ProcessPriorityClass.BelowNormal;

            // Where the machine runs out of memory, the kernel is to take a runner and not the server.
            File.WriteAllText($"/proc/{process.Id}/oom_score_adj", "800");
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // It has ended already, or the system has no such settings: it then runs as any other.
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                Interlocked.Exchange(ref _heardAt, _time.GetTimestamp());
                RunnerMessage message;
                try
                {
                    message = RunnerLines.ReadMessage(line);
                }
                catch (JsonException error)
                {
                    // The very last line was cut off when the runner died, and its end tells why.
                    if (await _process.StandardOutput.ReadLineAsync() is not null)
                    {
                        Kill(new(AttemptOutcome.Crashed, $"The runner said something that is no message: {error.Message}"));
                    }

                    return;
                }

                if (message is RunnerMessage.Beat)
                {
                    continue;
                }

                Interlocked.Exchange(ref _movedAt, _time.GetTimestamp());
                _messages.Writer.TryWrite(message);
            }
        }
        catch (IOException error)
        {
            Kill(new(AttemptOutcome.Crashed, $"The runner could not be heard: {error.Message}"));
        }
        finally
        {
            _messages.Writer.TryComplete();
        }
    }

    private void Watch()
    {
        if (_time.GetElapsedTime(Interlocked.Read(ref _heardAt)) > _limits.Silence)
        {
            Kill(new(AttemptOutcome.TimedOut, $"The runner did not answer for {_limits.Silence.TotalSeconds:0} s and was ended."));
        }
        else if (_time.GetElapsedTime(Interlocked.Read(ref _movedAt)) > _limits.Stall && _isSteady)
        {
            Kill(new(AttemptOutcome.TimedOut, $"The work did not move on for {_limits.Stall.TotalMinutes:0.#} minutes and was ended."));
        }
        else if (ResidentBytes() is { } bytes && bytes > _limits.Bytes)
        {
            Kill(new(AttemptOutcome.OutOfMemory, $"The runner used {bytes / 1e9:0.0} GB, more than the {_limits.Bytes / 1e9:0.0} GB that it may, and was ended."));
        }
    }

    private long? ResidentBytes()
    {
        try
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or IOException)
        {
            return null; // it has ended
        }
    }

    private void Kill(RunnerFailureException? why = null)
    {
        _killedFor ??= why;
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It, or a child of it, has ended already.
        }
    }

    private async Task<RunnerFailureException> WhyItEndedAsync()
    {
        await _process.WaitForExitAsync();
        if (_killedFor is { } known)
        {
            return known;
        }

        var said = await _complaints;
        return _process.ExitCode switch
        {
            134 => new(AttemptOutcome.Crashed, Sentence("The runner aborted", said)),
            137 => new(AttemptOutcome.Crashed, Sentence("The runner was killed, by a person or by the system for want of memory", said)),
            139 => new(AttemptOutcome.Crashed, Sentence("The runner crashed with a segmentation fault", said)),
            var code => new(AttemptOutcome.Crashed, Sentence($"The runner ended with code {code}", said)),
        };

        static string Sentence(string what, string said) => said.Length == 0 ? $"{what}." : $"{what}: {said}";
    }

    /// <summary>The last lines of a stream of any length.</summary>
    private static async Task<string> LastLinesAsync(StreamReader reader)
    {
        const int Most = 5;
        var last = new Queue<string>();
        while (await reader.ReadLineAsync() is { } line)
        {
            last.Enqueue(line);
            if (last.Count > Most)
            {
                last.Dequeue();
            }
        }

        return string.Join(' ', last).Trim();
    }
}
