using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace NasPlatform.Web.Accounts;

/// <summary>Secrets that are shown once and kept as their SHA-256 only: access tokens, share links. 32 random bytes need no slow hash.</summary>
internal static class SecretToken
{
    /// <summary>32 random bytes as base64url after <paramref name="prefix"/>: 43 characters that need no escaping in an address.</summary>
    public static string Create(string prefix = "") => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is stored and looked up: lower-case hexadecimal, 64 characters.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
