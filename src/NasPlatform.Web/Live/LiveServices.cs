using System.Text.Json;
using System.Text.Json.Serialization;

namespace NasPlatform.Web.Live;

/// <summary>The hub, put together.</summary>
internal static class LiveServices
{
    public const string Path = "/live";

    /// <summary>The largest message that a viewer may send, in bytes: they only ask.</summary>
    private const int LargestQuestion = 4096;

    public static void AddLive(this IServiceCollection services)
    {
        services.AddSingleton<LiveRights>();
        services.AddSignalR()
            .AddHubOptions<LiveHub>(hub =>
            {
                hub.MaximumReceiveMessageSize = LargestQuestion;
                hub.EnableDetailedErrors = false;
            })
            .AddJsonProtocol(json => json.PayloadSerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false)));
    }

    public static void MapLive(this WebApplication app) => app.MapHub<LiveHub>(Path, connection => connection.CloseOnAuthenticationExpiration = true);
}
