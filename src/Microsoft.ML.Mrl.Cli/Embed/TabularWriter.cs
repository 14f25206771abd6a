using System.Globalization;
using System.Text;
using CsvHelper;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>
/// Writes embeddings as number columns <c>Embedding0</c>, <c>Embedding1</c>, … of a CSV or TSV file. The numbers are read back as they
/// were.
/// </summary>
internal sealed class TabularWriter : EmbeddingWriter
{
    private readonly CsvWriter _writer;

    public TabularWriter(Stream stream, char separator, int dimensions, IReadOnlyList<string> kept)
    {
        string[] names = [.. Enumerable.Range(0, dimensions).Select(i => string.Create(CultureInfo.InvariantCulture, $"{Column}{i}"))];
        CheckNames(kept, names);
        var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        _writer = CsvWriter.Create(text, CsvWriterOptions.Default with { Separator = separator, NewLine = "\n" });
        WriteFields([.. kept, .. names]);
    }

    /// <inheritdoc/>
    public override void Write(IReadOnlyList<string> kept, float[] vector) =>
        WriteFields([.. kept, .. vector.Select(value => value.ToString("R", CultureInfo.InvariantCulture))]);

    /// <inheritdoc/>
    public override void Complete() => _writer.Flush();

    /// <inheritdoc/>
    public override void Dispose() => _writer.Dispose();

    private void WriteFields(string[] fields)
    {
        foreach (string field in fields)
        {
            _writer.WriteField(field);
        }
        _writer.EndRecord();
    }
}
