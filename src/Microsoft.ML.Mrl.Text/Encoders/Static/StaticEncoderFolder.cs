using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Heads;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Reads and writes static encoders as folders.</summary>
/// <remarks>
/// An encoder that counts unknown words by the row of their token is written with a StaticEmbedding folder of its own, the layout that
/// every version of sentence-transformers reads. One that passes over unknown words is written in the layout of model2vec, which passes
/// over them too; sentence-transformers reads it as well, and counts them by a row of zeros, which changes the length of the mean but not
/// its direction. Buckets stand in a tensor of their own, which Python does not look at.
/// </remarks>
internal static class StaticEncoderFolder
{
    private const string StaticFolder = "0_StaticEmbedding";
    private const string Supported = "Supported behind a StaticEmbedding are Dense and Normalize";
    private const string SentenceName = "embedding.weight";
    private const string Model2VecName = "embeddings";
    private const string WeightsName = "weights";
    private const string MappingName = "mapping";
    private const string BucketsName = "mrl.buckets";
    private const string NgramsKey = "mrl.ngrams";

    /// <summary>Reads an encoder.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="module">The folder of its StaticEmbedding.</param>
    /// <param name="after">The modules that follow, or <see langword="null"/> if no file lists modules.</param>
    public static StaticTextEncoder Read(string folder, string module, IReadOnlyList<EncoderModule>? after)
    {
        var files = ModelFiles.Read(folder);
        List<SentenceStep> steps = [.. SentenceStep.ReadAll(
            files, after ?? [], path => TensorFile.Read(Path.Combine(folder, path)), $"{folder}/{EncoderModule.FileName}", Supported)];
        bool normalizes = steps is [.., not DenseStep];
        if (normalizes)
        {
            steps.RemoveAt(steps.Count - 1);
        }
        string tokenizer = Path.Combine(module, TokenizerFile.Name);
        if (!File.Exists(tokenizer))
        {
            throw new FileNotFoundException($"There is no {TokenizerFile.Name} in '{module}'. Save the model again.", tokenizer);
        }
        string weights = Path.Combine(module, EncoderFolder.WeightsFile);
        if (!File.Exists(weights))
        {
            throw EncoderFolder.NoWeights(module);
        }
        using SafetensorsFile file = SafetensorsFile.Open(weights);
        ModelJson? config = Model2VecConfig(folder, module, file, after is not null, steps);
        bool isModel2Vec = config is not null;
        SafetensorsTensor embeddings = file.TryFind(SentenceName) ?? file.TryFind(Model2VecName) ?? file.Find(SentenceName);
        int width = WidthOf(file, embeddings);
        SubwordHashing? subwords = Subwords(file, width, out float[] buckets);
        var content = new StaticEncoderContent
        {
            TokenizerJson = ModelFiles.ReadBytes(tokenizer),
            TokenizerSource = tokenizer,
            Dimensions = width,
            Table = [.. ReadNumbers(file, embeddings), .. buckets],
            TokenWeights = isModel2Vec && file.TryFind(WeightsName) is { } factors ? ReadNumbers(file, factors) : null,
            Mapping = isModel2Vec && file.TryFind(MappingName) is { } mapping ? ReadMapping(file, mapping) : null,
            Subwords = subwords,
            SkipsUnknown = isModel2Vec,
            Steps = steps,
            IsNormalized = config is not null && config.Has("normalize") ? config.Flag("normalize", false) : normalizes,
            Prompts = EncoderPrompts.Read(EncoderFolder.Settings(folder)),
            Similarity = EncoderFolder.Settings(folder)?.FindText("similarity_fn_name") ?? "cosine",
        };
        content = content with
        {
            TrainedDimensions = TrainedDimensionsEntry.Read(file, content.FullWidth)
                ?? EncoderConfigs.TrainedDimensions(files, "", content.FullWidth),
        };
        return new StaticTextEncoder(EncoderFolder.TruncateDimensions(folder) is { } cut && cut < content.FullWidth
            ? content with { TruncateDimensions = cut }
            : content);
    }

    /// <summary>Returns the folder of a static encoder whose modules no file lists, or <see langword="null"/> if there is none.</summary>
    public static string? FindModule(string folder) => new[] { folder, Path.Combine(folder, StaticFolder) }.FirstOrDefault(module =>
        File.Exists(Path.Combine(module, TokenizerFile.Name)) && File.Exists(Path.Combine(module, EncoderFolder.WeightsFile))
        && HasTable(Path.Combine(module, EncoderFolder.WeightsFile)));

    private static bool HasTable(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return (file.TryFind(SentenceName) ?? file.TryFind(Model2VecName)) is not null;
    }

    /// <summary>
    /// Returns the configuration by which model2vec loads a folder, and passes over unknown words, or <see langword="null"/> if only
    /// sentence-transformers loads it, which counts them.
    /// </summary>
    private static ModelJson? Model2VecConfig(
        string folder, string module, SafetensorsFile file, bool hasModules, List<SentenceStep> steps)
    {
        if (steps.Count > 0)
        {
            // model2vec knows nothing behind its table but unit length.
            return null;
        }
        ModelJson? own = EncoderFolder.Find(module, EncoderFolder.ConfigFile);
        bool isOwn = own is not null && (own.FindText("model_type") is { } type
            ? type == EncoderFolder.Model2Vec
            : file.TryFind(Model2VecName) is not null);
        if (isOwn)
        {
            CheckPadding(Path.Combine(module, TokenizerFile.Name));
            return own;
        }
        return hasModules ? null : EncoderFolder.Settings(folder);
    }

    /// <summary>Throws an exception if the tokenizer pads single texts, since model2vec includes padding in the mean.</summary>
    private static void CheckPadding(string path)
    {
        ModelJson tokenizer = ModelJson.Parse(path, ModelFiles.ReadBytes(path));
        if (tokenizer.Root.TryGetProperty("padding", out JsonElement padding) && padding.ValueKind == JsonValueKind.Object
            && ((padding.TryGetProperty("strategy", out JsonElement strategy) && strategy.ValueKind == JsonValueKind.Object)
                || (padding.TryGetProperty("pad_to_multiple_of", out JsonElement multiple) && multiple.ValueKind == JsonValueKind.Number)))
        {
            throw new NotSupportedException(
                $"'{path}' fills up texts to a length (padding), which model2vec counts and which is not supported. Set padding to null.");
        }
    }

    public static void Write(StaticEncoderContent content, string folder)
    {
        string module = IsPlain(content) ? folder : Path.Combine(folder, StaticFolder);
        Directory.CreateDirectory(module);
        WriteWeights(content, Path.Combine(module, EncoderFolder.WeightsFile));
        AtomicFile.Write(Path.Combine(module, TokenizerFile.Name), stream => stream.Write(content.TokenizerJson));
        if (IsPlain(content))
        {
            WriteText(folder, EncoderFolder.ConfigFile, string.Create(CultureInfo.InvariantCulture, $$"""
                {
                    "model_type": "model2vec",
                    "architectures": [
                        "StaticModel"
                    ],
                    "tokenizer_name": "",
                    "hidden_dim": {{content.Dimensions}},
                    "seq_length": 1000000,
                    "normalize": {{(content.IsNormalized ? "true" : "false")}},
                    "pooling": "mean",
                    "embedding_dtype": "float32"{{Matryoshka(content)}}
                }
                """));
        }
        foreach (DenseStep dense in content.Steps.OfType<DenseStep>())
        {
            Directory.CreateDirectory(Path.Combine(folder, dense.Path));
            dense.File.Write(Path.Combine(folder, dense.Path));
            WriteText(Path.Combine(folder, dense.Path), EncoderFolder.ConfigFile, dense.ConfigText());
        }
        StaticEncoderSettings.Write(content, folder);
        // Last: a folder with this file is a whole model.
        foreach (EncoderModule normalize in Modules(content).Where(module => module.Type == "Normalize"))
        {
            Directory.CreateDirectory(Path.Combine(folder, normalize.Path));
        }
        WriteText(folder, EncoderModule.FileName, Text(Modules(content)));
    }

    /// <summary>Returns the entries that name the trained dimensions, as the end of a JSON object.</summary>
    private static string Matryoshka(StaticEncoderContent content) => content.TrainedDimensions is { } trained
        ? $",\n    \"is_matryoshka\": true,\n    \"matryoshka_dimensions\": [{string.Join(", ", trained)}]"
        : "";

    /// <summary>
    /// Determines whether the layout of model2vec describes the encoder completely: unknown words are ignored, and only unit length
    /// follows.
    /// </summary>
    private static bool IsPlain(StaticEncoderContent content) => content.SkipsUnknown && content.Steps.Count == 0;

    private static IEnumerable<EncoderModule> Modules(StaticEncoderContent content)
    {
        int index = 0;
        yield return new EncoderModule("StaticEmbedding", IsPlain(content) ? "." : StaticFolder);
        foreach (SentenceStep step in content.Steps)
        {
            index++;
            yield return step is DenseStep dense ? new EncoderModule("Dense", dense.Path) : Normalize(index);
        }
        if (content.IsNormalized)
        {
            yield return Normalize(index + 1);
        }

        static EncoderModule Normalize(int index) => new("Normalize", string.Create(CultureInfo.InvariantCulture, $"{index}_Normalize"));
    }

    private static string Text(IEnumerable<EncoderModule> modules) => "[\n" + string.Join(",\n", modules.Select((module, index) =>
        $"  {{\n    \"idx\": {index},\n    \"name\": \"{index}\",\n    \"path\": \"{module.Path}\",\n    \"type\": " +
        $"\"sentence_transformers.models.{module.Type}\"\n  }}")) + "\n]";

    private static void WriteWeights(StaticEncoderContent content, string path)
    {
        int tokenNumbers = content.TokenRows * content.Dimensions;
        var tensors = new List<(string Name, SafetensorsDataType Type, IReadOnlyList<long> Shape)>
        {
            (IsPlain(content) ? Model2VecName : SentenceName, SafetensorsDataType.F32, [content.TokenRows, content.Dimensions]),
        };
        var data = new List<Action<Stream>> { stream => SafetensorsWriter.WriteSingles(stream, content.Table.AsSpan(0, tokenNumbers)) };
        if (content.Mapping is { } mapping)
        {
            tensors.Add((MappingName, SafetensorsDataType.I32, [mapping.Length]));
            data.Add(stream =>
            {
                using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
                foreach (int row in mapping)
                {
                    writer.Write(row);
                }
            });
        }
        var metadata = new List<KeyValuePair<string, string>> { new("format", "pt") };
        if (content.Subwords is { } subwords)
        {
            tensors.Add((BucketsName, SafetensorsDataType.F32, [subwords.Buckets, content.Dimensions]));
            data.Add(stream => SafetensorsWriter.WriteSingles(stream, content.Table.AsSpan(tokenNumbers)));
            metadata.Add(new(NgramsKey, string.Create(CultureInfo.InvariantCulture, $"{subwords.Shortest},{subwords.Longest}")));
        }
        if (content.TokenWeights is { } weights)
        {
            tensors.Add((WeightsName, SafetensorsDataType.F32, [weights.Length]));
            data.Add(stream => SafetensorsWriter.WriteSingles(stream, weights));
        }
        metadata.AddRange(TrainedDimensionsEntry.Of(content.TrainedDimensions ?? (IReadOnlyCollection<int>)[]));
        SafetensorsWriter.Write(path, tensors, (i, stream) => data[i](stream), metadata);
    }

    private static void WriteText(string folder, string name, string text) =>
        AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"))));

    private static int WidthOf(SafetensorsFile file, SafetensorsTensor tensor) =>
        tensor.Shape is [> 0, > 0 and <= int.MaxValue and var width]
            ? (int)width
            : throw new SafetensorsException(file.Path, tensor.Name, "a table of token vectors, [tokens, values]", tensor.Description,
                "Is it the file of another model?");

    private static SubwordHashing? Subwords(SafetensorsFile file, int width, out float[] buckets)
    {
        buckets = [];
        if (file.TryFind(BucketsName) is not { } tensor)
        {
            return null;
        }
        string[] lengths = (file.Metadata.FirstOrDefault(pair => pair.Key == NgramsKey).Value ?? "").Split(',');
        if (tensor.Shape is not [> 0 and <= int.MaxValue and var count, var columns] || columns != width || lengths.Length != 2
            || !int.TryParse(lengths[0], NumberStyles.None, CultureInfo.InvariantCulture, out int shortest)
                || !int.TryParse(lengths[1], NumberStyles.None, CultureInfo.InvariantCulture, out int longest)
            || shortest < 1 || longest < shortest || longest > SubwordHashing.MaxLength)
        {
            throw new SafetensorsException(file.Path, BucketsName,
                $"buckets of {width} values, and {NgramsKey} in the metadata to name the lengths of n-grams, 1..{SubwordHashing.MaxLength}",
                $"{tensor.Description}, '{string.Join(',', lengths)}'", "Save the encoder again.");
        }
        buckets = ReadNumbers(file, tensor);
        return new SubwordHashing((int)count, shortest, longest);
    }

    private static float[] ReadNumbers(SafetensorsFile file, SafetensorsTensor tensor)
    {
        float[] values = tensor.Type == SafetensorsDataType.I8
            ? Array.ConvertAll(file.ReadIntegers(tensor), v => (float)v)
            : file.ReadSingles(tensor);
        int bad = Array.FindIndex(values, v => !float.IsFinite(v));
        return bad < 0
            ? values
            : throw new SafetensorsException(
            file.Path, tensor.Name, "finite numbers in single precision", $"{values[bad]}", "Was training stable?");
    }

    private static int[] ReadMapping(SafetensorsFile file, SafetensorsTensor tensor) =>
        Array.ConvertAll(file.ReadIntegers(tensor), row => row is >= 0 and <= int.MaxValue
            ? (int)row
            : throw new SafetensorsException(
                file.Path, MappingName, "rows of the table", $"{row}", "The file is damaged: copy or export it again."));
}
