using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>A file of lines for ML.NET's loader, of which no line may be longer than a limit.</summary>
/// <param name="path">The file.</param>
/// <param name="longest">The most characters of a line.</param>
internal sealed class LimitedSource(string path, long longest) : IMultiStreamSource
{
    /// <inheritdoc/>
    public int Count => 1;

    /// <inheritdoc/>
    public string GetPathOrNull(int index) => path;

    /// <inheritdoc/>
    public Stream Open(int index) => File.OpenRead(path);

    /// <inheritdoc/>
    public TextReader OpenTextReader(int index) => new LimitedReader(new StreamReader(path), longest, endsWithLine: true);
}
