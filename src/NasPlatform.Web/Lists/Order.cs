namespace NasPlatform.Web.Lists;

/// <summary>The direction of a list, as addresses have it.</summary>
internal enum Order
{
    Asc,
    Desc,
}
