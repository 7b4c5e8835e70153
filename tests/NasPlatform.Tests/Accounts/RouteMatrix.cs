namespace NasPlatform.Tests.Accounts;

/// <summary>Who gets what from a route. Objects are looked at twice: once when the team sees them, once when they are private to the owner.</summary>
public enum Rule
{
    /// <summary>Anybody, signed in or not.</summary>
    Everybody,

    /// <summary>Whoever has an account; others are led to sign in.</summary>
    SignedIn,

    /// <summary>Members and administrators; viewers are told that they may not.</summary>
    Members,

    Administrators,

    /// <summary>Looks at an object: whoever sees it; for others it is not there.</summary>
    Sees,

    /// <summary>Changes an object: its owner and administrators; others are told that they may not where they see it, else it is not there.</summary>
    Changes,

    /// <summary>Something that only its owner and administrators know of, such as an upload.</summary>
    Own,

    /// <summary>Whoever holds a public link, and nobody by any other right.</summary>
    Link,
}

/// <summary>A route and the decision about it.</summary>
/// <param name="Route">Methods and pattern, as <see cref="RouteMatrixTests"/> writes them.</param>
/// <param name="Path">
/// What is asked for: <c>{experiment}</c>, <c>{dataset}</c>, <c>{model}</c>, <c>{upload}</c>, <c>{link}</c> and <c>{token}</c> stand for objects that are made for the request.
/// </param>
/// <param name="Body">JSON; null for none.</param>
public sealed record RouteRule(string Route, Rule Rule, string Path, string? Body = null);

/// <summary>Every route of the platform. A new one is added here together with its decision.</summary>
public static class RouteMatrix
{
    public static readonly IReadOnlyList<RouteRule> Rules =
    [
        // Doors.
        new("any /health/live", Rule.Everybody, "/health/live"),
        new("any /health/ready", Rule.Everybody, "/health/ready"),
        new("page /setup", Rule.Everybody, "/setup"),
        new("page /login", Rule.Everybody, "/login"),
        new("page /welcome", Rule.Everybody, "/welcome"),
        new("page /not-found", Rule.Everybody, "/not-found"),
        new("page /problem", Rule.Everybody, "/problem"),
        new("page /status/{Code:int}", Rule.Everybody, "/status/400"),
        new("page /link-status/{Code:int}", Rule.Everybody, "/link-status/404"),
        new("page /denied", Rule.SignedIn, "/denied"),
        new("POST /logout", Rule.SignedIn, "/logout"),

        // Public links.
        new("page /s/{Token}", Rule.Link, "/s/{token}"),
        new("page /s/{Token}/{Part}", Rule.Link, "/s/{token}/trials"),
        new("GET /s/{token}/files/{fileName}", Rule.Link, "/s/{token}/files/model.onnx"),
        new("GET /s/{token}/files.zip", Rule.Link, "/s/{token}/files.zip"),

        // What live pages are made of: a circuit shows what a page asked for that was rendered for its visitor, with the rights of whoever looks.
        new("any /_blazor", Rule.Everybody, "/_blazor"),
        new("any /_blazor/negotiate", Rule.Everybody, "/_blazor/negotiate?negotiateVersion=1"),
        new("any /_blazor/disconnect", Rule.Everybody, "/_blazor/disconnect/"),
        new("any /_blazor/initializers", Rule.Everybody, "/_blazor/initializers/"),
        new("GET /_framework/opaque-redirect", Rule.SignedIn, "/_framework/opaque-redirect"),

        // People.
        new("page /account", Rule.SignedIn, "/account"),
        new("page /admin/users", Rule.Administrators, "/admin/users"),
        new("page /admin/audit", Rule.Administrators, "/admin/audit"),

        // The hub; a public link is a right by itself, and its methods ask for the right to what they tell.
        new("any /live", Rule.Everybody, "/live"),
        new("any /live/negotiate", Rule.Everybody, "/live/negotiate?negotiateVersion=1"),
        // Pages of the rooms.
        new("page /", Rule.SignedIn, "/"),
        new("page /experiments", Rule.SignedIn, "/experiments"),
        new("page /experiments/new", Rule.Members, "/experiments/new"),
        new("page /experiments/{Id:guid}", Rule.Sees, "/experiments/{experiment}"),
        new("page /experiments/{Id:guid}/{Part}", Rule.Sees, "/experiments/{experiment}/trials"),
        new("page /experiments/{Id:guid}/trials/{Number:int}", Rule.Sees, "/experiments/{experiment}/trials/1"),
        new("page /datasets", Rule.SignedIn, "/datasets"),
        new("page /datasets/new", Rule.Members, "/datasets/new"),
        new("page /datasets/{Name}", Rule.Sees, "/datasets/textures"),
        new("page /models", Rule.SignedIn, "/models"),
        new("page /models/{Id:guid}", Rule.Sees, "/models/{model}"),
        new("page /spaces", Rule.SignedIn, "/spaces"),
        new("page /spaces/{Name}", Rule.SignedIn, "/spaces/chain?layers=1"),
        new("page /benchmarks", Rule.SignedIn, "/benchmarks"),
        new("page /benchmarks/new", Rule.Members, "/benchmarks/new"),
        new("page /benchmarks/{Name}", Rule.SignedIn, "/benchmarks/cells"),
        new("page /benchmarks/{Name}/study", Rule.SignedIn, "/benchmarks/cells/study"),
        new("page /benchmarks/{Name}/locality", Rule.SignedIn, "/benchmarks/cells/locality"),
        new("page /queue", Rule.SignedIn, "/queue"),

        // REST.
        new("GET /api/{documentName}/openapi.json", Rule.SignedIn, "/api/v1/openapi.json"),
        new("any /api/v1/{**rest}", Rule.SignedIn, "/api/v1/nowhere"),
        new("GET /api/v1/experiments", Rule.SignedIn, "/api/v1/experiments"),
        new("GET /api/v1/experiments.csv", Rule.SignedIn, "/api/v1/experiments.csv"),
        new("GET /api/v1/experiments.json", Rule.SignedIn, "/api/v1/experiments.json"),
        new("POST /api/v1/experiments", Rule.Members, "/api/v1/experiments", """{"spec":{"dataset":"textures","budget":{"trials":1},"fidelity":{"epochs":0}}}"""),
        new("GET /api/v1/experiments/{id:guid}", Rule.Sees, "/api/v1/experiments/{experiment}"),
        new("GET /api/v1/experiments/{id:guid}/spec", Rule.Sees, "/api/v1/experiments/{experiment}/spec"),
        new("GET /api/v1/experiments/{id:guid}/method", Rule.Sees, "/api/v1/experiments/{experiment}/method"),
        new("GET /api/v1/experiments/{id:guid}/events", Rule.Sees, "/api/v1/experiments/{experiment}/events"),
        new("GET /api/v1/experiments/{id:guid}/points", Rule.Sees, "/api/v1/experiments/{experiment}/points?first=0&last=1"),
        new("GET /api/v1/experiments/{id:guid}/trials", Rule.Sees, "/api/v1/experiments/{experiment}/trials"),
        new("GET /api/v1/experiments/{id:guid}/trials.csv", Rule.Sees, "/api/v1/experiments/{experiment}/trials.csv"),
        new("GET /api/v1/experiments/{id:guid}/trials.json", Rule.Sees, "/api/v1/experiments/{experiment}/trials.json"),
        new("GET /api/v1/experiments/{id:guid}/trials/{number:int}", Rule.Sees, "/api/v1/experiments/{experiment}/trials/1"),
        new("GET /api/v1/experiments/{id:guid}/trials/{number:int}/graph", Rule.Sees, "/api/v1/experiments/{experiment}/trials/1/graph"),
        new("PATCH /api/v1/experiments/{id:guid}", Rule.Changes, "/api/v1/experiments/{experiment}", """{"name":"another"}"""),
        new("POST /api/v1/experiments/{id:guid}/pause", Rule.Changes, "/api/v1/experiments/{experiment}/pause"),
        new("POST /api/v1/experiments/{id:guid}/resume", Rule.Changes, "/api/v1/experiments/{experiment}/resume"),
        new("POST /api/v1/experiments/{id:guid}/cancel", Rule.Changes, "/api/v1/experiments/{experiment}/cancel"),
        new("POST /api/v1/experiments/{id:guid}/finish", Rule.Changes, "/api/v1/experiments/{experiment}/finish"),
        new("POST /api/v1/experiments/{id:guid}/extend", Rule.Changes, "/api/v1/experiments/{experiment}/extend", """{"trials":1}"""),
        new("DELETE /api/v1/experiments/{id:guid}", Rule.Changes, "/api/v1/experiments/{experiment}"),
        new("GET /api/v1/experiments/{id:guid}/links", Rule.Changes, "/api/v1/experiments/{experiment}/links"),
        new("POST /api/v1/experiments/{id:guid}/links", Rule.Changes, "/api/v1/experiments/{experiment}/links", "{}"),
        new("PUT /api/v1/links/{id:guid}/expiry", Rule.Changes, "/api/v1/links/{link}/expiry", """{"expiresAt":null}"""),
        new("DELETE /api/v1/links/{id:guid}", Rule.Changes, "/api/v1/links/{link}"),
        new("GET /api/v1/datasets", Rule.SignedIn, "/api/v1/datasets"),
        new("POST /api/v1/datasets", Rule.Members, "/api/v1/datasets", """{"name":"another one"}"""),
        new("GET /api/v1/datasets/{name}", Rule.Sees, "/api/v1/datasets/textures"),
        new("GET /api/v1/datasets/{name}/classes/{label:int}/images", Rule.Sees, "/api/v1/datasets/textures/classes/0/images"),
        new("GET /api/v1/datasets/{name}/images/{index:int}.png", Rule.Sees, "/api/v1/datasets/textures/images/0.png"),
        new("PATCH /api/v1/datasets/{name}", Rule.Changes, "/api/v1/datasets/{dataset}", """{"visibility":"private"}"""),
        new("DELETE /api/v1/datasets/{name}", Rule.Changes, "/api/v1/datasets/{dataset}"),
        new("GET /api/v1/uploads", Rule.SignedIn, "/api/v1/uploads"),
        new("POST /api/v1/uploads", Rule.Members, "/api/v1/uploads", """{"fileName":"a.zip","length":10}"""),
        new("GET /api/v1/uploads/{id:guid}", Rule.Own, "/api/v1/uploads/{upload}"),
        new("PUT /api/v1/uploads/{id:guid}", Rule.Own, "/api/v1/uploads/{upload}?offset=0", "0123456789"),
        new("DELETE /api/v1/uploads/{id:guid}", Rule.Own, "/api/v1/uploads/{upload}"),
        new("GET /api/v1/models", Rule.SignedIn, "/api/v1/models"),
        new("GET /api/v1/models/{id:guid}", Rule.Sees, "/api/v1/models/{model}"),
        new("GET /api/v1/models/{id:guid}/files/{fileName}", Rule.Sees, "/api/v1/models/{model}/files/model.onnx"),
        new("GET /api/v1/models/{id:guid}/files.zip", Rule.Sees, "/api/v1/models/{model}/files.zip"),
        new("GET /api/v1/tokens", Rule.SignedIn, "/api/v1/tokens"),
        new("POST /api/v1/tokens", Rule.SignedIn, "/api/v1/tokens", """{"name":"for a script"}"""),
        new("DELETE /api/v1/tokens/{id:guid}", Rule.SignedIn, "/api/v1/tokens/0198c8a2-7f63-7000-8000-000000000000"),
        new("GET /api/v1/queue", Rule.SignedIn, "/api/v1/queue"),
        new("GET /api/v1/spaces", Rule.SignedIn, "/api/v1/spaces"),
        new("GET /api/v1/spaces/{name}", Rule.SignedIn, "/api/v1/spaces/chain"),
        new("GET /api/v1/spaces/{name}/sample", Rule.SignedIn, "/api/v1/spaces/chain/sample"),
        new("GET /api/v1/spaces/{name}/inspect", Rule.SignedIn, "/api/v1/spaces/chain/inspect?layers=1&genotype=3x3/1x1/36"),
        new("GET /api/v1/spaces/{name}/neighbours", Rule.SignedIn, "/api/v1/spaces/chain/neighbours?layers=1&genotype=3x3/1x1/36"),
        new("GET /api/v1/spaces/{name}/diagram.svg", Rule.SignedIn, "/api/v1/spaces/chain/diagram.svg?layers=1&genotype=3x3/1x1/36"),
        new("GET /api/v1/benchmarks", Rule.SignedIn, "/api/v1/benchmarks"),
        new("POST /api/v1/benchmarks", Rule.Members, "/api/v1/benchmarks", """{"uploads":[]}"""),
        new("GET /api/v1/benchmarks/{name}", Rule.SignedIn, "/api/v1/benchmarks/cells"),
        new("DELETE /api/v1/benchmarks/{name}", Rule.Administrators, "/api/v1/benchmarks/cells"),
        new("GET /api/v1/benchmarks/{name}/best", Rule.SignedIn, "/api/v1/benchmarks/cells/best"),
        new("GET /api/v1/benchmarks/{name}/query", Rule.SignedIn, "/api/v1/benchmarks/cells/query?architecture=best"),
        new("POST /api/v1/benchmarks/{name}/studies", Rule.Members, "/api/v1/benchmarks/cells/studies", """{"strategies":[{"name":"random"}]}"""),
        new("GET /api/v1/benchmarks/{name}/studies/{id}", Rule.SignedIn, "/api/v1/benchmarks/cells/studies/0123"),
        new("DELETE /api/v1/benchmarks/{name}/studies/{id}", Rule.Members, "/api/v1/benchmarks/cells/studies/0123"),
        new("POST /api/v1/benchmarks/{name}/localities", Rule.Members, "/api/v1/benchmarks/cells/localities", "{}"),
        new("GET /api/v1/benchmarks/{name}/localities/{id}", Rule.SignedIn, "/api/v1/benchmarks/cells/localities/0123"),
        new("DELETE /api/v1/benchmarks/{name}/localities/{id}", Rule.Members, "/api/v1/benchmarks/cells/localities/0123"),
        new("GET /api/v1/strategies", Rule.SignedIn, "/api/v1/strategies"),
        new("GET /api/v1/strategies/{name}", Rule.SignedIn, "/api/v1/strategies/random"),
    ];
}
