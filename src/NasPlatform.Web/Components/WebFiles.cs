using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace NasPlatform.Web.Components;

/// <summary>Addresses of the files that the browser gets. Each has a version made of its content, so that browsers keep it for good and yet never use an old one.</summary>
public sealed class WebFiles(IWebHostEnvironment environment)
{
    private readonly ConcurrentDictionary<string, (DateTimeOffset Modified, string Address)> _addresses = [];

    /// <summary>The address of a file by its path below wwwroot, such as <c>css/app.css</c>.</summary>
    public string this[string path]
    {
        get
        {
            var file = environment.WebRootFileProvider.GetFileInfo(path);
            if (!file.Exists)
            {
                return $"/{path}";
            }

            if (_addresses.TryGetValue(path, out var known) && known.Modified == file.LastModified)
            {
                return known.Address;
            }

            using var content = file.CreateReadStream();
            var address = $"/{path}?v={Convert.ToHexStringLower(SHA256.HashData(content))[..12]}";
            _addresses[path] = (file.LastModified, address);
            return address;
        }
    }
}
