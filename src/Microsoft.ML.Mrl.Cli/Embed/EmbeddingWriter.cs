using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>Writes embeddings to a file, row by row.</summary>
internal abstract class EmbeddingWriter : IDisposable
{
    /// <summary>The name of the column, and what the names of number columns begin with.</summary>
    public const string Column = "Embedding";

    /// <summary>Makes sure that files of that name can be written.</summary>
    /// <param name="output">The file.</param>
    /// <param name="keepsColumns">Whether columns are carried along.</param>
    /// <exception cref="CommandException">They cannot.</exception>
    public static void CheckFormat(string output, bool keepsColumns)
    {
        string extension = Path.GetExtension(output).ToUpperInvariant();
        if (extension is not (".CSV" or ".TSV" or ".NPY" or ".PARQUET"))
        {
            throw new CommandException($"Cannot write embeddings to '{output}': its extension says no known format. Choose .csv, .tsv, .npy or .parquet.", ExitCode.Usage);
        }
        if (extension == ".NPY" && keepsColumns)
        {
            throw new CommandException($"Cannot use --keep-cols with '{output}': an .npy file holds numbers alone. Choose .csv, .tsv or .parquet.", ExitCode.Usage);
        }
    }

    /// <summary>Makes a writer.</summary>
    /// <param name="path">The file to write now.</param>
    /// <param name="extension">The extension that says the format.</param>
    /// <param name="dimensions">The width m.</param>
    /// <param name="kept">The names of columns that are carried along.</param>
    /// <exception cref="CommandException">A carried column has the name of what is written.</exception>
    public static EmbeddingWriter Create(string path, string extension, int dimensions, IReadOnlyList<string> kept)
    {
        EmbeddingWriter writer = extension.ToUpperInvariant() switch
        {
            ".NPY" => new NpyWriter(path, dimensions),
            ".PARQUET" => new ParquetEmbeddingWriter(path, dimensions, kept),
            ".TSV" => new TabularWriter(path, '\t', dimensions, kept),
            _ => new TabularWriter(path, ',', dimensions, kept),
        };
        return writer;
    }

    /// <summary>Writes a row.</summary>
    /// <param name="kept">The carried fields.</param>
    /// <param name="vector">The embedding.</param>
    public abstract void Write(IReadOnlyList<string> kept, float[] vector);

    /// <summary>Finishes the file.</summary>
    public abstract void Complete();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <exception cref="CommandException">A carried column has the name of what is written.</exception>
    protected static void CheckNames(IEnumerable<string> kept, IEnumerable<string> written)
    {
        if (kept.Intersect(written).FirstOrDefault() is { } clash)
        {
            throw new CommandException($"Cannot carry along column '{clash}': what is written has that name. Leave it out of --keep-cols, or rename it.");
        }
    }
}
