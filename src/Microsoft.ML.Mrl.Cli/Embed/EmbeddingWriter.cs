using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>Writes embeddings to a file, row by row.</summary>
internal abstract class EmbeddingWriter : IDisposable
{
    /// <summary>The name of the column of embeddings, and the beginning of the names of number columns.</summary>
    public const string Column = "Embedding";

    /// <summary>Checks that the extension is that of a known format.</summary>
    /// <param name="output">The path of the file.</param>
    /// <param name="keepsColumns">Whether columns are copied to the file.</param>
    /// <exception cref="CommandException">The extension is not known, or its format cannot hold copied columns.</exception>
    public static void CheckFormat(string output, bool keepsColumns)
    {
        string extension = Path.GetExtension(output).ToUpperInvariant();
        if (extension is not (".CSV" or ".TSV" or ".NPY" or ".PARQUET"))
        {
            throw new CommandException(
                $"Cannot write embeddings to '{output}': its extension is not a known format. Choose .csv, .tsv, .npy or .parquet.",
                    ExitCode.Usage);
        }
        if (extension == ".NPY" && keepsColumns)
        {
            throw new CommandException(
                $"Cannot use --keep-cols with '{output}': an .npy file holds only numbers. Choose .csv, .tsv or .parquet.", ExitCode.Usage);
        }
    }

    /// <summary>Makes a writer.</summary>
    /// <param name="stream">Takes the bytes, and is left open.</param>
    /// <param name="extension">The extension that says the format.</param>
    /// <param name="dimensions">The number of values m of an embedding.</param>
    /// <param name="kept">The names of the columns that are copied.</param>
    /// <exception cref="CommandException">A copied column has the name of a column of the embedding.</exception>
    public static EmbeddingWriter Create(Stream stream, string extension, int dimensions, IReadOnlyList<string> kept)
    {
        return extension.ToUpperInvariant() switch
        {
            ".NPY" => new NpyWriter(stream, dimensions),
            ".PARQUET" => new ParquetEmbeddingWriter(stream, dimensions, kept),
            ".TSV" => new TabularWriter(stream, '\t', dimensions, kept),
            _ => new TabularWriter(stream, ',', dimensions, kept),
        };
    }

    /// <summary>Writes a row.</summary>
    /// <param name="kept">The copied fields.</param>
    /// <param name="vector">The embedding.</param>
    public abstract void Write(IReadOnlyList<string> kept, float[] vector);

    /// <summary>Finishes the file.</summary>
    public abstract void Complete();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <exception cref="CommandException">A copied column has the name of a column of the embedding.</exception>
    protected static void CheckNames(IEnumerable<string> kept, IEnumerable<string> written)
    {
        if (kept.Intersect(written).FirstOrDefault() is { } clash)
        {
            throw new CommandException(
                $"Cannot copy column '{clash}': the embeddings are written under that name. Leave it out of --keep-cols, or rename it.");
        }
    }
}
