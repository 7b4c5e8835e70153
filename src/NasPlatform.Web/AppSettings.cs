using Microsoft.Extensions.Configuration;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Web.Uploads;

namespace NasPlatform.Web;

/// <summary>The settings of <c>appsettings.json</c>.</summary>
internal sealed record AppSettings
{
    public const string FileName = "appsettings.json";

    /// <summary>Where datasets are kept, absolute.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The folder of the settings file, which holds wwwroot too; the current folder where there is no file.</summary>
    public required string Root { get; init; }

    /// <summary>A PostgreSQL connection string; null for SQLite in the data folder.</summary>
    public string? Postgres { get; init; }

    /// <summary>The folder whose <c>node_modules</c> holds onnxruntime-node, for checking exports.</summary>
    public required string ModulesFolder { get; init; }

    /// <summary>Where packages of the system put datasets, absolute.</summary>
    public string SystemDatasets { get; init; } = KnownDataset.SystemFolder;

    /// <summary>What data that is brought in may ask of this machine.</summary>
    public DatasetLimits DatasetLimits { get; init; } = new();

    /// <summary>What people may send.</summary>
    public UploadLimits UploadLimits { get; init; } = new();

    /// <summary>
    /// Reads the file beside the program or above it, else that in <paramref name="currentFolder"/> or above it, else takes the defaults.
    /// The environment variables <c>NAS_DATA</c> and <c>NAS_POSTGRES</c> override the data folder and the connection string; <c>NAS_SYSTEM_DATASETS</c> says where packages of the system put datasets.
    /// </summary>
    /// <exception cref="UserErrorException">The file is not valid, or sets something that does not exist.</exception>
    public static AppSettings Load(string currentFolder, Func<string, string?> variable)
    {
        var root = FolderWithSettings(AppContext.BaseDirectory) ?? FolderWithSettings(currentFolder);
        var (dataFolder, limits, uploads, postgres) = root is null ? (null, null, null, null) : Read(Path.Join(root, FileName));
        return new()
        {
            Root = root ?? currentFolder,
            Postgres = (variable("NAS_POSTGRES") ?? postgres) is { Length: > 0 } connection ? connection : null,
            ModulesFolder = Path.Join(root ?? currentFolder, "build"),
            DataFolder = variable("NAS_DATA") is { Length: > 0 } given
                ? Path.GetFullPath(given, currentFolder)
                : Path.GetFullPath(dataFolder ?? "data", root ?? currentFolder),
            SystemDatasets = variable("NAS_SYSTEM_DATASETS") is { Length: > 0 } packages ? Path.GetFullPath(packages, currentFolder) : KnownDataset.SystemFolder,
            DatasetLimits = limits ?? new(),
            UploadLimits = uploads ?? new(),
        };
    }

    /// <summary>What the file sets; null where it is silent.</summary>
    /// <exception cref="UserErrorException">The file is not valid, or sets something that does not exist.</exception>
    public static (string? DataFolder, DatasetLimits? Limits, UploadLimits? Uploads, string? Postgres) Read(string path)
    {
        try
        {
            var file = new ConfigurationBuilder().AddJsonFile(path, optional: false, reloadOnChange: false).Build();
            return (
                file["DataFolder"],
                file.GetSection("Datasets:Limits").Get<DatasetLimits>(options => options.ErrorOnUnknownConfiguration = true),
                file.GetSection("Uploads").Get<UploadLimits>(options => options.ErrorOnUnknownConfiguration = true),
                file.GetConnectionString("Postgres"));
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be used: {error.Message} {error.InnerException?.Message}".TrimEnd(), error);
        }
    }

    private static string? FolderWithSettings(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Join(folder.FullName, FileName)))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
