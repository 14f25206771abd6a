using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Onnx;

/// <summary>
/// Makes encoders of ONNX graphs and the files beside them, and writes them as folders that sentence-transformers loads with
/// <c>backend="onnx"</c>.
/// </summary>
internal static class OnnxEncoderFolder
{
    private const int UsualLength = 512;
    private static readonly string[] s_places = [$"{EncoderOnnx.Folder}/{EncoderOnnx.FileName}", EncoderOnnx.FileName];

    /// <summary>
    /// Returns the graph of a folder, or <see langword="null"/> if there is none: that of the usual name or, where there is no such file,
    /// the only one.
    /// </summary>
    /// <exception cref="NotSupportedException">There are several graphs, none of the usual name.</exception>
    public static string? FindModel(string folder, string transformer)
    {
        string[] places = [.. s_places.Select(place => Path.Combine(folder, SentenceModules.Join(transformer, place))),
            .. s_places.Select(place => Path.Combine(folder, place))];
        if (Array.Find(places, File.Exists) is { } usual)
        {
            return usual;
        }
        string[] others = [.. places.Select(place => Path.GetDirectoryName(place)!).Distinct().Where(Directory.Exists)
            .SelectMany(place => Directory.EnumerateFiles(place, "*.onnx")).Order(StringComparer.Ordinal)];
        return others.Length <= 1 ? others.FirstOrDefault() : throw new NotSupportedException(
            $"'{folder}' has no weights and no {EncoderOnnx.Folder}/{EncoderOnnx.FileName}, but several other graphs: " +
            $"{string.Join(", ", others.Select(path => Path.GetRelativePath(folder, path)))}. Choose one: " +
            $"{nameof(TextEncoder)}.{nameof(TextEncoder.LoadOnnx)}(path, folder).");
    }

    /// <summary>Makes the encoder of a graph and its files.</summary>
    /// <param name="bytes">The graph.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <param name="folder">The folder of its side files, or <see langword="null"/> if there is none.</param>
    /// <param name="files">The tokenizer's files, and those of a folder.</param>
    /// <param name="options">The options of the user.</param>
    public static OnnxTextEncoder Make(byte[] bytes, string source, string? folder, ModelFiles files, OnnxEncoderOptions options)
    {
        ModelProto model = OnnxEncoderGraph.Parse(bytes, source);
        OnnxEncoderInputs inputs = OnnxEncoderInputs.Find(model.Graph, source);
        OnnxEncoderWeights.Inline(model, source, folder);
        SentenceModules? modules = Modules(files);
        string path = modules?.TransformerPath ?? "";
        string? type = ModelType(files, path);
        TextTokenizer tokenizer = TextTokenizerReader.Read(files, path, type);
        int? width = OnnxEncoderGraph.Complete(model, source, inputs, modules, options, out SentenceModules applied);
        int first = FirstPosition(files, path, type);
        byte[] complete = model.ToByteArray();
        DenseStep[] dense = [.. (modules?.Steps ?? []).OfType<DenseStep>()];
        files = WithModules(files, modules, applied);
        files = WithPrompts(files, options);
        int dimensions = width ?? Probe(complete, inputs, tokenizer, first);
        // What was exported names them itself, where no folder does.
        MatryoshkaDimensions? trained = EncoderConfigs.TrainedDimensions(files, path, dimensions)
            ?? (applied.Pooling.Count == 0 ? EncoderOnnx.TrainedDimensions(model, dimensions) : null);
        files = trained is null ? files : EncoderConfigs.WithTrainedDimensions(files, path, [.. trained]);
        var content = new OnnxEncoderContent
        {
            Model = complete,
            Files = files,
            DenseFiles = dense.ToDictionary(step => step.Path, step => step.File),
            TransformerPath = path,
            Dimensions = dimensions,
            TrainedDimensions = trained,
            MaxLength = MaxLength(model.Graph, source, files, path, first, tokenizer, inputs, options),
            FirstPosition = first,
            IsNormalized = applied.Steps is [.., not DenseStep],
            Tokenizer = tokenizer,
        };
        return new OnnxTextEncoder(content);
    }

    /// <summary>Writes an encoder as a folder.</summary>
    public static void Write(OnnxEncoderContent content, string folder)
    {
        string onnx = Path.Combine(folder, content.TransformerPath, EncoderOnnx.Folder);
        Directory.CreateDirectory(onnx);
        AtomicFile.Write(Path.Combine(onnx, EncoderOnnx.FileName), stream => stream.Write(content.Model));
        foreach ((string path, TensorFile file) in content.DenseFiles)
        {
            Directory.CreateDirectory(Path.Combine(folder, path));
            file.Write(Path.Combine(folder, path));
        }
        content.Files.Write(folder);
    }

    /// <summary>Returns the architecture that a <c>config.json</c> names.</summary>
    public static string? ModelType(ModelFiles files, string path) =>
        files.FindJson(SentenceModules.Join(path, EncoderFolder.ConfigFile))?.FindText("model_type");

    /// <summary>Returns the modules that the folder names, or <see langword="null"/> if it has no modules.</summary>
    private static SentenceModules? Modules(ModelFiles files)
    {
        if (files.Find(EncoderModule.FileName) is not { } bytes)
        {
            // A folder of a module without the list of modules: its pooling counts, and what follows is unit length.
            return files.FindJson(SentenceModules.Join(EncoderConfigs.PoolingFolder, EncoderFolder.ConfigFile)) is { } pooling
                ? new SentenceModules("", PoolingModesReader.Read(pooling, allowsLastToken: true), [SentenceStep.Normalize])
                : null;
        }
        EncoderModule[] chain = EncoderModule.ReadAll($"{files.Source}/{EncoderModule.FileName}", bytes);
        // A graph that pools by itself needs no Pooling module.
        return chain is [("Transformer", var only), .. var rest] && Array.TrueForAll(rest, module => module.Type == "Normalize")
            ? new SentenceModules(only, [], [.. rest.Select(_ => SentenceStep.Normalize)])
            : SentenceModules.Read(files, path => TensorFile.Read(Path.Combine(files.Source, path)), allowsLastToken: true);
    }

    /// <summary>Returns the files with modules that describe what the graph does.</summary>
    private static ModelFiles WithModules(ModelFiles files, SentenceModules? given, SentenceModules applied)
    {
        bool isNormalized = applied.Steps is [.., not DenseStep];
        bool agrees = given is not null && files.Find(EncoderModule.FileName) is not null
            && (applied.Pooling.Count == 0 || given.Pooling.SequenceEqual(applied.Pooling))
            && isNormalized == given.Steps is [.., not DenseStep];
        return agrees ? files : EncoderConfigs.WithModules(files, given, applied.Pooling, isNormalized);
    }

    private static ModelFiles WithPrompts(ModelFiles files, OnnxEncoderOptions options)
    {
        if (options.Prompts is null && options.DefaultPrompt is null)
        {
            return files;
        }
        return EncoderConfigs.WithSettings(files, settings =>
        {
            if (options.Prompts is { } prompts)
            {
                settings["prompts"] = new JsonObject(prompts.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonValue.Create(p.Value))));
                settings["default_prompt_name"] = null;
            }
            if (options.DefaultPrompt is { } name)
            {
                if (options.Prompts is null && !((settings["prompts"] as JsonObject)?.ContainsKey(name) ?? false))
                {
                    throw new ArgumentException(
                        $"{nameof(OnnxEncoderOptions.DefaultPrompt)} is '{name}', but the files have no such prompt. Give its words in " +
                        $"{nameof(OnnxEncoderOptions.Prompts)}.", nameof(options));
                }
                settings["default_prompt_name"] = name;
            }
        });
    }

    /// <summary>Returns the position of the first token. RoBERTa and MPNet count positions from the padding id + 1.</summary>
    private static int FirstPosition(ModelFiles files, string path, string? type) => type switch
    {
        "roberta" or "xlm-roberta" or "camembert" => 1 + PadId(files.FindJson(SentenceModules.Join(path, EncoderFolder.ConfigFile))!),
        "mpnet" => 2,
        _ => 0,
    };

    private static int PadId(ModelJson config) => config.FindCount("pad_token_id", 0) is not { } id ? 1
        : id < OnnxEncoderContent.PositionsEnd ? id
        : throw new InvalidDataException(
            $"'{config.Name}': pad_token_id is {id}, and positions are counted from behind it. It is below " +
            $"{OnnxEncoderContent.PositionsEnd}.");

    private static int MaxLength(
        GraphProto graph, string source, ModelFiles files, string path, int first, TextTokenizer tokenizer, OnnxEncoderInputs inputs,
        OnnxEncoderOptions options)
    {
        // A table of positions in the graph is a bound that nothing may pass. Quantizers lengthen its name.
        long? rows = graph.Initializer.FirstOrDefault(
            t => t.Name.Contains("position_embeddings.weight", StringComparison.Ordinal) && t.Dims.Count == 2)?.Dims[0];
        int? bound = rows is { } table and > 0 and <= int.MaxValue ? (int)table - first
            : files.FindJson(SentenceModules.Join(path, EncoderFolder.ConfigFile))?.FindCount("max_position_embeddings") - first;
        bound = inputs.FixedLength is { } length && !(bound < length) ? length : bound;
        int least = Math.Max(1, tokenizer.SpecialTokens);
        if (options.MaxLength is { } wanted && (wanted < least || wanted > bound))
        {
            throw new ArgumentException(
                $"{nameof(OnnxEncoderOptions.MaxLength)} is {wanted}, but '{source}' takes {least} to " +
                $"{bound?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "any number of"} tokens.",
                nameof(options));
        }
        int longest = options.MaxLength ?? Math.Min(
            SentenceConfig.FindMaxLength(files, path) ?? bound ?? UsualLength, bound ?? int.MaxValue);
        return longest >= least
            ? longest
            : throw new InvalidDataException(
                $"'{files.Source}' limits texts to {longest} tokens, but every text has {least} special ones.");
    }

    /// <summary>Computes an embedding and returns its width.</summary>
    private static int Probe(byte[] model, OnnxEncoderInputs inputs, TextTokenizer tokenizer, int firstPosition)
    {
        using var session = new OnnxEncoderSession(model, inputs, firstPosition, tokenizer.PadId);
        int[] ids = tokenizer.Encode("a");
        return session.Embed(TokenBatch.From([ids.Length > 0 ? ids : [tokenizer.PadId]], tokenizer.PadId)).Length is > 0 and var width
            ? width
            : throw new InvalidOperationException("The encoder gave an embedding without values.");
    }
}
