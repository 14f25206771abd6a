using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>Joins the part files of an embedding in the order of the rows.</summary>
internal sealed class MergeJob(string outputPath, Verbosity verbosity, MrlConsole console, CancellationToken cancellation)
{
    /// <summary>Runs the job.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">The part files do not fit together, or the output cannot be written.</exception>
    public int Run()
    {
        EmbeddingWriter.CheckFormat(outputPath, keepsColumns: false);
        OutputFile output = OutputFile.Claim(outputPath, "the embeddings");
        string[] parts = PartFile.Find(outputPath);
        long rows = 0;
        try
        {
            output.Write(stream => rows = Merge(parts, stream));
        }
        catch (OperationCanceledException)
        {
            throw new CommandException($"Stopped. '{output.FullPath}' was not written.", ExitCode.Interrupted);
        }
        if (verbosity != Verbosity.Quiet)
        {
            console.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                    $"Wrote {rows:#,0} embeddings of {parts.Length} part files to {output.FullPath}. The part files can be deleted."));
        }
        return ExitCode.Ok;
    }

    private long Merge(string[] parts, Stream stream)
    {
        RowReader[] readers = new RowReader[parts.Length];
        try
        {
            for (int i = 0; i < parts.Length; i++)
            {
                string part = parts[i];
                readers[i] = Stoppable.Run(() => RowReader.OpenFile(part), cancellation);
                if (!readers[i].Columns.SequenceEqual(readers[0].Columns))
                {
                    throw new CommandException(
                        $"Cannot merge '{parts[i]}' with '{parts[0]}': their columns differ. Embed the shards anew.");
                }
            }
            return Merge(readers, stream);
        }
        finally
        {
            Array.ForEach(readers, reader => reader?.Dispose());
        }
    }

    private long Merge(RowReader[] readers, Stream stream)
    {
        (Field vector, int[] kept) = Columns(readers[0]);
        EmbeddingWriter? writer = null;
        long rows = 0;
        try
        {
            bool ended = false;
            for (int block = 0; !ended; block++)
            {
                RowReader reader = readers[block % readers.Length];
                List<(string[] Kept, float[] Vector)> rowsOfBlock = Stoppable.Run(() => ReadBlock(reader, vector, kept), cancellation);
                foreach ((string[] texts, float[] values) in rowsOfBlock)
                {
                    writer ??= Create(values.Length);
                    writer.Write(texts, values);
                }
                rows += rowsOfBlock.Count;
                ended = rowsOfBlock.Count < PartFile.RowsOfBlock;
            }
            if (Stoppable.Run(() => readers.FirstOrDefault(reader => reader.Read()), cancellation) is { } longer)
            {
                throw new CommandException(
                    $"Cannot merge '{longer.Name}': it has more rows than fit between those of the other parts. Embed the shards anew.");
            }
            (writer ?? throw new CommandException($"Cannot merge '{readers[0].Name}' and the parts that follow: they have no rows."))
                .Complete();
            return rows;
        }
        finally
        {
            writer?.Dispose();
        }

        EmbeddingWriter Create(int dimensions) => EmbeddingWriter.Create(
            stream, Path.GetExtension(outputPath), dimensions, [.. kept.Select(column => readers[0].Columns[column])]);
    }

    private static List<(string[] Kept, float[] Vector)> ReadBlock(RowReader reader, Field vector, int[] kept)
    {
        var rows = new List<(string[], float[])>();
        while (rows.Count < PartFile.RowsOfBlock && reader.Read())
        {
            rows.Add(([.. kept.Select(reader.Text)], vector.ReadVector(reader, 0)));
        }
        return rows;
    }

    // A vector is one column of .npy and .parquet files, and the last columns of text files.
    private static (Field Vector, int[] Kept) Columns(RowReader reader)
    {
        int[] vector = [.. Enumerable.Range(0, reader.Columns.Count).Where(reader.IsVector)];
        if (vector.Length == 0)
        {
            int first = reader.Columns.ToList().IndexOf(EmbeddingWriter.Column + "0");
            vector = first < 0
                ? throw new CommandException(
                    $"Cannot merge '{reader.Name}': it has no column '{EmbeddingWriter.Column}0'. Embed the shard anew.")
                : [.. Enumerable.Range(first, reader.Columns.Count - first)];
        }
        var field = new Field(
            vector.Length == 1 && reader.IsVector(vector[0]) ? FieldKind.Vector : FieldKind.Numbers, vector,
                [.. vector.Select(column => reader.Columns[column])]);
        return (field, [.. Enumerable.Range(0, reader.Columns.Count).Except(vector)]);
    }
}
