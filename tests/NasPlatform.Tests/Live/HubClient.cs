using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace NasPlatform.Tests.Live;

/// <summary>A viewer of the hub that speaks SignalR's JSON protocol by hand, as docs/guide/live.md describes it.</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private const char End = '\u001e';

    private readonly ClientWebSocket _socket = new();
    private readonly Queue<JsonElement> _read = [];
    private readonly MemoryStream _partial = new();

    public static async Task<HubClient> ConnectAsync(Uri platform, string? token, CancellationToken cancellation)
    {
        var client = new HubClient();
        if (token is not null)
        {
            client._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }

        await client._socket.ConnectAsync(new UriBuilder(platform) { Scheme = "ws", Path = "/live" }.Uri, cancellation);
        await client.SendAsync("""{"protocol":"json","version":1}""", cancellation);
        await client.ReceiveAsync(cancellation);
        return client;
    }

    public Task StreamAsync(string method, object[] arguments, CancellationToken cancellation) =>
        SendAsync(JsonSerializer.Serialize(new { type = 4, invocationId = "1", target = method, arguments }), cancellation);

    /// <summary>The next item of the stream; null when it has ended, and then <see cref="Error"/> says why.</summary>
    public async Task<JsonElement?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var message = await ReceiveAsync(cancellation);
            switch (message.GetProperty("type").GetInt32())
            {
                case 2:
                    return message.GetProperty("item");
                case 3:
                    Error = message.TryGetProperty("error", out var error) ? error.GetString() : null;
                    return null;
            }
        }
    }

    public string? Error { get; private set; }

    public Task SendAsync(string message, CancellationToken cancellation) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(message + End), WebSocketMessageType.Text, true, cancellation);

    public async Task<JsonElement> ReceiveAsync(CancellationToken cancellation)
    {
        var piece = new byte[16384];
        while (_read.Count == 0)
        {
            var received = await _socket.ReceiveAsync(piece, cancellation);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                throw new EndOfStreamException("The hub closed the connection.");
            }

            foreach (var one in piece.AsSpan(0, received.Count))
            {
                if (one == End)
                {
                    _read.Enqueue(JsonDocument.Parse(_partial.ToArray()).RootElement);
                    _partial.SetLength(0);
                }
                else
                {
                    _partial.WriteByte(one);
                }
            }
        }

        return _read.Dequeue();
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _partial.Dispose();
        return ValueTask.CompletedTask;
    }
}
