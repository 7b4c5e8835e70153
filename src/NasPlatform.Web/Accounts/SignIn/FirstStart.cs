using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts.SignIn;

/// <summary>
/// Before there is an account, whoever reads this program's terminal may make the first one: by a code that is printed there, made anew with each start and
/// worthless as soon as there is an account.
/// </summary>
internal sealed class FirstStart(PlatformStore store, ServeOptions options)
{
    /// <summary>Twelve characters of these 32: 60 bits, without any that are mistaken for another.</summary>
    private const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private readonly string _code = RandomNumberGenerator.GetString(Letters, 12);
    private volatile bool _isOver = options.IsLocal;

    /// <summary>Whether there is an account, or none is needed.</summary>
    public async ValueTask<bool> IsOverAsync(CancellationToken cancellation)
    {
        if (!_isOver)
        {
            await using var context = store.Open();
            _isOver = await context.Users.AnyAsync(cancellation);
        }

        return _isOver;
    }

    /// <summary>The code as it is printed; null when it is not needed any more.</summary>
    public async ValueTask<string?> CodeAsync(CancellationToken cancellation) => await IsOverAsync(cancellation) ? null : $"{_code[..4]}-{_code[4..8]}-{_code[8..]}";

    /// <summary>Whether somebody typed the code, in whatever case and grouping.</summary>
    public bool IsCode(string? given)
    {
        var typed = new string([.. (given ?? "").Where(char.IsAsciiLetterOrDigit).Take(100)]).ToUpperInvariant();
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(typed), Encoding.UTF8.GetBytes(_code));
    }
}
