using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Accounts;

/// <summary>Each route of the running platform, asked for by everybody there is.</summary>
public sealed class RouteMatrixTests(Team team) : IClassFixture<Team>
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    /// <summary>How a request is answered, as far as rights go.</summary>
    private enum Got
    {
        /// <summary>Let in, whatever came of it.</summary>
        In,

        /// <summary>Led to sign in, or told to.</summary>
        SignIn,

        /// <summary>Told that one may not.</summary>
        Forbidden,

        /// <summary>Told that it is not there.</summary>
        Hidden,
    }

    [Fact]
    public void Every_route_has_a_decision()
    {
        var routes = team.Platform.Get<IEnumerable<EndpointDataSource>>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(NameOf).Distinct().Order(StringComparer.Ordinal).ToList();
        var decided = RouteMatrix.Rules.Select(rule => rule.Route).ToList();

        Assert.True(!routes.Except(decided).Any(), $"Decide in RouteMatrix who may use:\n{string.Join('\n', routes.Except(decided))}");
        Assert.True(!decided.Except(routes).Any(), $"RouteMatrix names what is not there:\n{string.Join('\n', decided.Except(routes))}");
        Assert.Equal(decided.Count, decided.Distinct().Count());
    }

    [Theory]
    [InlineData(Visibility.Team)]
    [InlineData(Visibility.Private)]
    public async Task Everybody_gets_what_was_decided(Visibility visibility)
    {
        var owner = team.Owner.UserId;
        await team.Platform.Store.WriteAsync(
            (context, again) => context.Datasets.Where(dataset => dataset.Name == "textures")
                .ExecuteUpdateAsync(set => set.SetProperty(dataset => dataset.Visibility, visibility).SetProperty(dataset => dataset.OwnerId, owner), again),
            _cancellation);
        (string Name, Visitor Visitor)[] people =
        [
            ("administrator", await EnteredAsync(team.Administrator)),
            ("owner", await EnteredAsync(team.Owner)),
            ("other", await EnteredAsync(team.Other)),
            ("viewer", await EnteredAsync(team.Viewer)),
            ("stranger", team.Stranger()),
            ("link holder", team.Stranger()),
        ];
        var wrong = new List<string>();
        foreach (var rule in RouteMatrix.Rules)
        {
            foreach (var (name, visitor) in people)
            {
                // Signing out is tried last, by somebody who came for it.
                var asks = rule.Route == "POST /logout" && name != "stranger" && name != "link holder" ? await EnteredAsync(team.Other) : visitor;
                var path = await FillAsync(rule.Path, visibility, holdsLink: name == "link holder");
                var (got, status) = await AskAsync(asks, rule, path);
                var expected = Expected(rule.Rule, name, visibility);
                if (got != expected || status >= 500)
                {
                    wrong.Add($"{rule.Route}, {visibility}, {name}: {expected} was decided, the answer is {got} ({status}).");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static Got Expected(Rule rule, string name, Visibility visibility)
    {
        var hasAccount = name is "administrator" or "owner" or "other" or "viewer";
        var mayChange = name is "administrator" or "owner";
        return rule switch
        {
            Rule.Everybody => Got.In,
            Rule.Link => name == "link holder" ? Got.In : Got.Hidden,
            _ when !hasAccount => Got.SignIn,
            Rule.SignedIn => Got.In,
            Rule.Members => name == "viewer" ? Got.Forbidden : Got.In,
            Rule.Administrators => name == "administrator" ? Got.In : Got.Forbidden,
            Rule.Sees => mayChange || visibility == Visibility.Team ? Got.In : Got.Hidden,
            Rule.Changes => mayChange ? Got.In : visibility == Visibility.Team ? Got.Forbidden : Got.Hidden,
            Rule.Own => mayChange ? Got.In : Got.Hidden,
            _ => throw new ArgumentOutOfRangeException(nameof(rule)),
        };
    }

    /// <summary><c>GET /api/v1/experiments</c>, <c>page /account</c>, <c>any /live</c>.</summary>
    private static string NameOf(RouteEndpoint endpoint)
    {
        var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];
        var kind = endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null ? "page" : methods.Count == 0 ? "any" : string.Join(',', methods.Order(StringComparer.Ordinal));
        return $"{kind} /{endpoint.RoutePattern.RawText?.Trim('/')}";
    }

    private static async Task<(Got Got, int Status)> AskAsync(Visitor visitor, RouteRule rule, string path)
    {
        var method = rule.Route.Split(' ')[0] is var kind && kind is "page" or "any" ? HttpMethod.Get : HttpMethod.Parse(kind);
        var request = new HttpRequestMessage(method, path);
        if (method != HttpMethod.Get)
        {
            request.Headers.Add("RequestVerificationToken", visitor.FormToken);
            request.Content = rule.Body is null ? null : new StringContent(rule.Body, System.Text.Encoding.UTF8, rule.Body[0] == '{' ? "application/json" : "application/octet-stream");
            if (rule.Body is ['0', ..])
            {
                request.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(rule.Body)))}:");
            }
        }

        var answer = await visitor.SendAsync(request);
        var got = answer switch
        {
            { Status: HttpStatusCode.Unauthorized } => Got.SignIn,
            { Status: HttpStatusCode.Forbidden } => Got.Forbidden,
            { Status: HttpStatusCode.NotFound } when rule.Rule is Rule.Sees or Rule.Changes or Rule.Own or Rule.Link => Got.Hidden,
            _ when answer.LeadsToSignIn && rule.Path is not "/logout" and not "/setup" => Got.SignIn,
            { LeadsToSignIn: true } when rule.Path == "/logout" && answer.Location!.Contains("returnUrl", StringComparison.Ordinal) => Got.SignIn, // not null: it leads there
            _ => Got.In,
        };
        return (got, (int)answer.Status);
    }

    /// <summary>Signed in, with the token that scripts send.</summary>
    private async Task<Visitor> EnteredAsync(Caller caller)
    {
        var visitor = await team.SignedInAsync(caller);
        await visitor.GetAsync("/account");
        return visitor;
    }

    /// <summary>Makes the objects that a path names, the owner's, and puts them in.</summary>
    private async Task<string> FillAsync(string path, Visibility visibility, bool holdsLink)
    {
        if (!path.Contains('{', StringComparison.Ordinal))
        {
            return path;
        }

        var owner = team.Owner.UserId;
        var now = TimeProvider.System.GetUtcNow();
        var experiment = Stored.Experiment(owner: owner, visibility: visibility);
        var model = Guid.CreateVersion7();
        var upload = new Upload { Id = Guid.CreateVersion7(), OwnerId = owner, FileName = "a.zip", Length = 10, CreatedAt = now, LastReceivedAt = now };
        var dataset = new StoredDataset { Id = Guid.CreateVersion7(), Name = $"d{Guid.NewGuid():N}", OwnerId = owner, Visibility = visibility, State = DatasetState.Ready, CreatedAt = now };
        var (sha256, length) = await KeptAsync();
        await team.Platform.Store.WriteAsync(
            async (context, again) =>
            {
                context.Experiments.Add(experiment);
                context.Uploads.Add(upload);
                context.Datasets.Add(dataset);
                await context.SaveChangesAsync(again);
                context.Trials.Add(Stored.Trial(experiment.Id, 1));
                context.Models.Add(new()
                {
                    Id = model,
                    ExperimentId = experiment.Id,
                    Name = "a model",
                    TrialNumber = 1,
                    Genotype = "",
                    TestScore = 0.5,
                    ParameterCount = 1,
                    MultiplyAdds = 1,
                    Description = "{}",
                    Parity = "{}",
                    CreatedAt = now,
                });
                await context.SaveChangesAsync(again);
                context.Artifacts.Add(new() { Id = Guid.CreateVersion7(), ModelId = model, FileName = "model.onnx", Format = "onnx", Length = length, Sha256 = sha256 });
            },
            _cancellation);
        var (link, token) = await team.Platform.Get<ShareActions>().CreateAsync(team.Owner, experiment.Id, null, true, _cancellation);
        return path.Replace("{experiment}", experiment.Id.ToString(), StringComparison.Ordinal)
            .Replace("{model}", model.ToString(), StringComparison.Ordinal)
            .Replace("{upload}", upload.Id.ToString(), StringComparison.Ordinal)
            .Replace("{dataset}", dataset.Name, StringComparison.Ordinal)
            .Replace("{link}", link.ToString(), StringComparison.Ordinal)
            .Replace("{token}", holdsLink ? token : SecretToken.Create(), StringComparison.Ordinal);
    }

    private async Task<(string Sha256, long Length)> KeptAsync()
    {
        using var folder = new TemporaryFolder();
        return await team.Platform.Get<ArtifactStore>().WriteAsync(folder.Write("model.onnx", "a file"), _cancellation);
    }
}
