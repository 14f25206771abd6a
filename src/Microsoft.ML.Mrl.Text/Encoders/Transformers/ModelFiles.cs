using System.Text.Json;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>The small files of a model's folder, all but its weights, as they were: what a saved model must give back unchanged.</summary>
/// <param name="source">Where they came from, for messages.</param>
/// <param name="files">The bytes by relative path, with '/' between folders.</param>
internal sealed class ModelFiles(string source, IReadOnlyDictionary<string, byte[]> files)
{
    /// <summary>Vocabularies of many languages have some 20 MB.</summary>
    private const long MaxFileBytes = 256L << 20;

    private const long MaxBytesOfDevice = 1L << 20;

    /// <summary>The names of the files.</summary>
    public static readonly string[] Names =
    [
        "modules.json", "config.json", "config_sentence_transformers.json", .. SentenceConfig.FileNames,
        .. TextTokenizerReader.FileNames, "merges.txt", "unigram.json", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json",
    ];

    /// <summary>Where the files came from.</summary>
    public string Source { get; } = source;

    /// <summary>The paths, sorted.</summary>
    public IEnumerable<string> Paths => files.Keys.Order(StringComparer.Ordinal);

    /// <summary>Reads the files of a folder and of its sub-folders that a text encoder has.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">A file is too large to be what its name says.</exception>
    public static ModelFiles Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException(
                $"There is no folder '{folder}'. Give the folder of a sentence-transformers or Hugging Face model.");
        }
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        AddFolder(folder, "", files);
        foreach (string sub in Directory.EnumerateDirectories(folder).Where(sub => char.IsAsciiDigit(Path.GetFileName(sub)[0])))
        {
            AddFolder(sub, Path.GetFileName(sub) + "/", files);
        }
        return new ModelFiles(folder, files);
    }

    /// <summary>The bytes of a file, or <see langword="null"/> where there is none.</summary>
    public byte[]? Find(string path) => files.GetValueOrDefault(path);

    /// <summary>The JSON of a file, or <see langword="null"/> where there is none.</summary>
    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    public ModelJson? FindJson(string path) => Find(path) is { } bytes ? ModelJson.Parse($"{Source}/{path}", bytes) : null;

    /// <summary>The JSON of a file.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    public ModelJson RequireJson(string path, string advice) =>
        FindJson(path) ?? throw new FileNotFoundException($"There is no {path} in '{Source}'. {advice}", path);

    /// <summary>The same files with others in place of some, or beside them.</summary>
    public ModelFiles With(params IEnumerable<KeyValuePair<string, byte[]>> changed)
    {
        var all = new Dictionary<string, byte[]>(files, StringComparer.Ordinal);
        foreach ((string path, byte[] bytes) in changed)
        {
            all[path] = bytes;
        }
        return new ModelFiles(Source, all);
    }

    /// <summary>Writes all files into a folder, which is made if need be.</summary>
    public void Write(string folder)
    {
        foreach ((string path, byte[] bytes) in files)
        {
            string target = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            AtomicFile.Write(target, stream => stream.Write(bytes));
        }
    }

    /// <summary>Reads a file that is small by its nature; one that does not end is refused before memory is full.</summary>
    /// <exception cref="InvalidDataException">It is larger than such a file can be.</exception>
    public static byte[] ReadBytes(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return ReadBytes(stream, $"'{Path.GetFullPath(path)}'");
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream; left open.</param>
    /// <param name="what">Its name, for messages.</param>
    /// <param name="maxBytes">The most that it may hold.</param>
    /// <exception cref="InvalidDataException">It is longer.</exception>
    public static byte[] ReadBytes(Stream stream, string what, long maxBytes = MaxFileBytes)
    {
        // What has a length has no more, and what has none, a device, is no model.
        maxBytes = stream.CanSeek ? Math.Min(maxBytes, Math.Max(stream.Length - stream.Position, MaxBytesOfDevice)) : maxBytes;
        var content = new MemoryStream();
        var part = new byte[1 << 16];
        for (int count = stream.Read(part); count > 0; count = stream.Read(part))
        {
            if (content.Length + count > maxBytes)
            {
                throw new InvalidDataException(
                    $"{what} has more than the {maxBytes} bytes that such a file can need. Is it the right file?");
            }
            content.Write(part, 0, count);
        }
        return content.ToArray();
    }

    private static void AddFolder(string folder, string prefix, Dictionary<string, byte[]> files)
    {
        foreach (string name in Names)
        {
            var file = new FileInfo(Path.Combine(folder, name));
            if (!file.Exists)
            {
                continue;
            }
            files.Add(prefix + name, ReadBytes(file.FullName));
        }
    }
}
