using System.Text.Json;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Represents the files of a model's folder except its weights. A saved model contains them unchanged.</summary>
/// <param name="source">The name of the place that they came from, for messages.</param>
/// <param name="files">The bytes by relative path, with '/' between folders.</param>
internal sealed class ModelFiles(string source, IReadOnlyDictionary<string, byte[]> files)
{
    /// <summary>Vocabularies of many languages have some 20 MB.</summary>
    public const long MaxFileBytes = 256L << 20;

    /// <summary>The names of the files.</summary>
    public static readonly string[] Names =
    [
        "modules.json", "config.json", "config_sentence_transformers.json", .. SentenceConfig.FileNames,
        .. TextTokenizerReader.FileNames, "merges.txt", "unigram.json", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json",
    ];

    /// <summary>Gets the name of the place that the files came from.</summary>
    public string Source { get; } = source;

    /// <summary>Gets the paths, sorted.</summary>
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

    /// <summary>Returns the bytes of a file, or <see langword="null"/> where there is none.</summary>
    public byte[]? Find(string path) => files.GetValueOrDefault(path);

    /// <summary>Returns the JSON of a file, or <see langword="null"/> where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is not a JSON object.</exception>
    public ModelJson? FindJson(string path) => Find(path) is { } bytes ? ModelJson.Parse($"{Source}/{path}", bytes) : null;

    /// <summary>Returns the JSON of a file.</summary>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    /// <exception cref="InvalidDataException">The file is not a JSON object.</exception>
    public ModelJson RequireJson(string path, string advice) =>
        FindJson(path) ?? throw new FileNotFoundException($"There is no {path} in '{Source}'. {advice}", path);

    /// <summary>Returns these files with some of them replaced or added.</summary>
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

    /// <summary>Reads a file, at most as large as the vocabulary of many languages.</summary>
    /// <exception cref="InvalidDataException">The file is larger.</exception>
    public static byte[] ReadBytes(string path) => BoundedFile.Read(Path.GetFullPath(path), MaxFileBytes);

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
