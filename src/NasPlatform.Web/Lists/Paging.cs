using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;

namespace NasPlatform.Web.Lists;

/// <summary>What all lists have in common.</summary>
internal static class Paging
{
    public const int UsualSize = 50;

    public const int LargestSize = 500;

    public const int LastPage = 1_000_000;

    /// <summary>Orders by a value that always is there.</summary>
    public static IOrderedQueryable<T> By<T, TValue>(this IQueryable<T> rows, Expression<Func<T, TValue>> value, bool isDescending) =>
        isDescending ? rows.OrderByDescending(value) : rows.OrderBy(value);

    /// <summary>Orders by a value that may be missing; rows without it come last either way, on both databases.</summary>
    public static IOrderedQueryable<T> ByOptional<T, TValue>(this IQueryable<T> rows, Expression<Func<T, TValue?>> value, bool isDescending)
    {
        var isMissing = Expression.Lambda<Func<T, bool>>(Expression.Equal(value.Body, Expression.Constant(null, value.Body.Type)), value.Parameters);
        var present = rows.OrderBy(isMissing);
        return isDescending ? present.ThenByDescending(value) : present.ThenBy(value);
    }

    /// <summary>Counts all rows and reads those of one page.</summary>
    /// <param name="rows">All rows, in their order.</param>
    /// <param name="page">1-based.</param>
    public static async Task<ListPage<T>> ToPageAsync<T>(this IQueryable<T> rows, int page, int size, CancellationToken cancellation)
    {
        var total = await rows.CountAsync(cancellation);
        var items = total == 0 ? [] : await rows.Skip((page - 1) * size).Take(size).ToListAsync(cancellation);
        return new(items, total, page, size);
    }
}
