using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Uploads;

/// <summary>
/// Files that are sent in chunks, each checked by its hash and on the disk before it counts, so that a connection that drops costs one chunk. What a person
/// calls a file is shown and never used as a path.
/// </summary>
internal sealed class UploadActions(PlatformStore store, DataFolders folders, UploadLimits limits, TimeProvider time)
{
    private const int LongestName = 260;

    private const int Piece = 1 << 16;

    /// <summary>Begins an upload.</summary>
    /// <param name="length">Bytes in all.</param>
    /// <exception cref="UserErrorException">The name or the length will not do.</exception>
    /// <exception cref="RefusedException">The caller may not, or has sent too much already.</exception>
    /// <exception cref="BadHttpRequestException">The file is too large (413), or the disk too full (507).</exception>
    public async Task<Upload> BeginAsync(Caller caller, string fileName, long length, CancellationToken cancellation)
    {
        caller.Demand(Role.Member);
        if (fileName.Length is 0 or > LongestName || fileName.Any(char.IsControl))
        {
            throw new UserErrorException($"A file's name has 1 to {LongestName} characters, none of them control characters.");
        }

        if (length <= 0)
        {
            throw new UserErrorException($"The file '{fileName}' has {length} bytes; an empty file cannot be a dataset.");
        }

        if (length > limits.LargestFileBytes)
        {
            throw new BadHttpRequestException($"The file has {length:N0} bytes; at most {limits.LargestFileBytes:N0} are taken (Uploads:LargestFileBytes in appsettings.json).", StatusCodes.Status413PayloadTooLarge);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(folders.Upload(Guid.Empty))!); // not null: below the data folder
        await RemoveAbandonedAsync(cancellation);
        DemandSpace(length);
        var now = time.GetUtcNow();
        return await store.WriteAsync(
            async (context, again) =>
            {
                // What became a dataset takes no room here any more.
                var held = await context.Uploads
                    .Where(upload => upload.OwnerId == caller.UserId && !context.Datasets.Any(dataset => dataset.UploadId == upload.Id && dataset.State == DatasetState.Ready))
                    .SumAsync(upload => upload.Length, again);
                if (held + length > limits.BytesAPerson)
                {
                    throw RefusedException.Conflict(
                        $"Your files that are not datasets yet would take {held + length:N0} bytes; {limits.BytesAPerson:N0} are yours (Uploads:BytesAPerson in appsettings.json). Cancel an upload or remove a dataset that failed.");
                }

                var upload = new Upload { Id = Guid.CreateVersion7(now), OwnerId = caller.UserId, FileName = fileName, Length = length, CreatedAt = now, LastReceivedAt = now };
                context.Uploads.Add(upload);
                context.Audit(caller, "upload.begin", upload.Id, $"Began to send '{fileName}', {length:N0} bytes.", now);
                return upload;
            },
            cancellation);
    }

    /// <summary>How far an upload has come.</summary>
    /// <exception cref="RefusedException">There is none of the caller's.</exception>
    public async Task<Upload> FindAsync(Caller caller, Guid id, CancellationToken cancellation)
    {
        await using var context = store.Open();
        return await Own(context, caller).SingleOrDefaultAsync(upload => upload.Id == id, cancellation) ?? throw RefusedException.NotFound("upload");
    }

    /// <summary>The caller's uploads that no dataset was made of, the newest first.</summary>
    public async Task<IReadOnlyList<Upload>> ListAsync(Caller caller, CancellationToken cancellation)
    {
        await using var context = store.Open();
        return await context.Uploads.Where(upload => upload.OwnerId == caller.UserId && !context.Datasets.Any(dataset => dataset.UploadId == upload.Id))
            .OrderByDescending(upload => upload.Id).ToListAsync(cancellation);
    }

    /// <summary>Takes in the chunk that comes next. It counts only whole and with the right hash; else it is sent again.</summary>
    /// <param name="offset">Where it begins: what was received so far.</param>
    /// <param name="sha256">Of the chunk.</param>
    /// <param name="body">At most <see cref="UploadLimits.LargestChunk"/> bytes; written to the disk as they come.</param>
    /// <exception cref="UserErrorException">The hash is another: the chunk was damaged on its way. Nothing of it counts.</exception>
    /// <exception cref="RefusedException">There is no such upload of the caller's, another chunk comes next, or another request sends one now.</exception>
    /// <exception cref="BadHttpRequestException">The disk is full (507), or the chunk too large (413).</exception>
    public async Task<Upload> ReceiveAsync(Caller caller, Guid id, long offset, ReadOnlyMemory<byte> sha256, Stream body, CancellationToken cancellation)
    {
        var upload = await FindAsync(caller, id, cancellation);
        if (offset != upload.Received)
        {
            throw RefusedException.Conflict($"{upload.Received:N0} bytes were received, so the next chunk begins there, not at {offset:N0}.");
        }

        long length;
        try
        {
            using var file = Open(id);
            length = await WriteAsync(file, upload, sha256, body, cancellation);
        }
        catch (IOException error) when (IsDiskFull(error))
        {
            throw DiskFull(error);
        }

        var now = time.GetUtcNow();
        var counted = await store.WriteAsync(
            (context, again) => context.Uploads.Where(row => row.Id == id && row.Received == offset).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.Received, offset + length).SetProperty(row => row.LastReceivedAt, now), again),
            cancellation);
        return counted == 1 ? await FindAsync(caller, id, cancellation) : throw RefusedException.Conflict("Another request has sent this chunk meanwhile; ask how far the upload has come.");
    }

    /// <summary>Forgets an upload and removes its file.</summary>
    /// <exception cref="RefusedException">There is none of the caller's, or a dataset is being made of it.</exception>
    public async Task RemoveAsync(Caller caller, Guid id, CancellationToken cancellation)
    {
        await store.WriteAsync(
            async (context, again) =>
            {
                var upload = await Own(context, caller).SingleOrDefaultAsync(upload => upload.Id == id, again) ?? throw RefusedException.NotFound("upload");
                if (await context.Datasets.AnyAsync(dataset => dataset.UploadId == id && dataset.State == DatasetState.Ingesting, again))
                {
                    throw RefusedException.Conflict("A dataset is being made of it; remove the dataset instead.");
                }

                context.Uploads.Remove(upload);
                context.Audit(caller, "upload.remove", id, $"Removed the upload '{upload.FileName}'.", time.GetUtcNow());
            },
            cancellation);
        File.Delete(folders.Upload(id));
    }

    private static IQueryable<Upload> Own(StoreContext context, Caller caller)
    {
        var (me, isAdministrator) = (caller.UserId, caller.Role == Role.Administrator);
        return context.Uploads.Where(upload => isAdministrator || (me != null && upload.OwnerId == me));
    }

    private static async Task<long> WriteAsync(FileStream file, Upload upload, ReadOnlyMemory<byte> sha256, Stream body, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[Piece];
        var length = 0L;
        for (int read; (read = await body.ReadAsync(piece, cancellation)) > 0; length += read)
        {
            if (length + read > UploadLimits.LargestChunk || upload.Received + length + read > upload.Length)
            {
                throw new BadHttpRequestException(
                    $"The chunk is too large: {UploadLimits.LargestChunk:N0} bytes at most, and {upload.Length - upload.Received:N0} are missing of the file.", StatusCodes.Status413PayloadTooLarge);
            }

            hash.AppendData(piece, 0, read);
            await RandomAccess.WriteAsync(file.SafeFileHandle, piece.AsMemory(0, read), upload.Received + length, cancellation);
        }

        if (!CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), sha256.Span))
        {
            throw new UserErrorException("The chunk arrived damaged: its SHA-256 is not the one that was announced. Send it again.");
        }

        RandomAccess.FlushToDisk(file.SafeFileHandle);
        return length;
    }

    private FileStream Open(Guid id)
    {
        try
        {
            // Alone: two requests that send the same chunk must not mix.
            return new(folders.Upload(id), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
        }
        catch (IOException error) when (!IsDiskFull(error) && error is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw RefusedException.Conflict("Another request is sending a chunk of this file; wait for it.");
        }
    }

    private void DemandSpace(long length)
    {
        var free = new DriveInfo(folders.Root).AvailableFreeSpace;
        if (free - length < limits.FreeBytes)
        {
            throw DiskFull(null);
        }
    }

    private async Task RemoveAbandonedAsync(CancellationToken cancellation)
    {
        var since = time.GetUtcNow().AddDays(-limits.AbandonedDays);
        await using var context = store.Open();
        var abandoned = await context.Uploads.Where(upload => upload.LastReceivedAt < since && !context.Datasets.Any(dataset => dataset.UploadId == upload.Id))
            .Select(upload => upload.Id).ToListAsync(cancellation);
        foreach (var id in abandoned)
        {
            File.Delete(folders.Upload(id));
            await store.WriteAsync((writing, again) => writing.Uploads.Where(upload => upload.Id == id).ExecuteDeleteAsync(again), cancellation);
        }
    }

    /// <summary>ENOSPC, or the quota's EDQUOT.</summary>
    private static bool IsDiskFull(IOException error) => error.HResult is 28 or 122 or unchecked((int)0x80070070);

    private static BadHttpRequestException DiskFull(Exception? error) =>
        new("The server's disk is too full for this file. Ask the administrator to free some space, then go on: what was received is kept.", StatusCodes.Status507InsufficientStorage, error!);
}
