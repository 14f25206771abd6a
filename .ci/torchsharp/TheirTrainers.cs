using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Tokenizers;
using Microsoft.ML.TorchSharp;
using Microsoft.ML.TorchSharp.NasBert.Models;
using Microsoft.ML.Transforms.Image;

/// <summary>The trainers of Microsoft.ML.TorchSharp, each fitted to a few rows, and what comes of it with TorchSharp 0.107, which is not the one they were built against.</summary>
internal static class TheirTrainers
{
    // They fill a layer's weights by `using var filled = torch.nn.init.xavier_uniform_(layer.weight)`: the weights themselves since TorchSharp 0.104, which are freed at the end of the method.
    private const string Freed = "InvalidOperationException: Tensor invalid -- empty handle";

    // It has one parameter more since TorchSharp 0.105.2.
    private const string Interpolate = "MissingMethodException: Method not found: 'Tensor functional.interpolate";

    private static readonly string s_folder = Directory.CreateTempSubdirectory("mrl-theirs-").FullName;

    public static IEnumerable<(string Name, Action<MLContext> Fit, string Expected)> All =>
    [
        ("TextClassification", TextClassification, Freed),
        ("SentenceSimilarity", SentenceSimilarity, Freed),
        ("NamedEntityRecognition", NamedEntityRecognition, Freed),
        ("ObjectDetection", ObjectDetection, Interpolate),
    ];

    /// <summary>A context that finds random weights in the place of those that the trainers download.</summary>
    public static MLContext Context()
    {
        string weights = Path.Combine(s_folder, "mlnet");
        if (!Directory.Exists(weights))
        {
            Directory.CreateDirectory(weights);
            EnglishRobertaTokenizer tokenizer = EnglishRobertaTokenizer.Create(Resource("encoder.json"), Resource("vocab.bpe"), Resource("dict.txt"), RobertaPreTokenizer.Instance);
            tokenizer.AddMaskSymbol();
            Save(tokenizer, "NasBert2000000.tsm", 64, [9, 11, 7, 0, 0, 0, 11, 11, 7, 0, 0, 0, 9, 7, 11, 0, 0, 0, 10, 7, 9, 0, 0, 0]);
            Save(tokenizer, "pretrained_NasBert_14M_encoder.tsm", 128, [15, 16, 14, 0, 0, 0, 15, 16, 14, 0, 0, 0, 17, 14, 15, 0, 0, 0, 17, 14, 15, 0, 0, 0]);
            // TorchSharp's format begins with the number of tensors. None, which the detector takes: its network keeps the weights that it began with.
            File.WriteAllBytes(Path.Combine(weights, "autoformer_11m_torchsharp.bin"), [0]);
        }
        return new MLContext(seed: 1) { TempFilePath = s_folder };

        // The encoder as the trainer makes it.
        void Save(EnglishRobertaTokenizer tokenizer, string name, int width, int[] layers)
        {
            using var encoder = new NasBertEncoder(
                tokenizer.PadIndex, tokenizer.SymbolsCount, activationDropout: 0, activationFn: "gelu", maxSeqLen: 512, embedSize: width,
                arches: layers, numSegments: 0, encoderNormalizeBefore: true, numEncoderLayers: layers.Length, applyBertInit: true);
            encoder.save(Path.Combine(weights, name));
        }

        Stream Resource(string name) => typeof(NasBertEncoder).Assembly.GetManifestResourceStream(name)!;
    }

    private static void TextClassification(MLContext mlContext)
    {
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 8)
            .Select(i => new Sentence { Sentence1 = i % 2 == 0 ? "a dog barks" : "rain falls", Label = i % 2 == 0 ? "animal" : "weather" }));
        ITransformer model = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.TextClassification(batchSize: 4, maxEpochs: 1)).Fit(data);
        model.Transform(data).GetColumn<float[]>("Score").ToArray();
    }

    private static void SentenceSimilarity(MLContext mlContext)
    {
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 8)
            .Select(i => new Pair { Sentence1 = "a dog barks", Sentence2 = i % 2 == 0 ? "a dog is loud" : "rain falls", Label = i % 2 }));
        ITransformer model = mlContext.Regression.Trainers.SentenceSimilarity(batchSize: 4, maxEpochs: 1).Fit(data);
        model.Transform(data).GetColumn<float>("Score").ToArray();
    }

    private static void NamedEntityRecognition(MLContext mlContext)
    {
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 8)
            .Select(_ => new Tagged { Sentence = "Ada lives in London", Label = ["PERSON", "O", "O", "CITY"] }));
        ITransformer model = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.NamedEntityRecognition(batchSize: 4, maxEpochs: 1)).Fit(data);
        model.Transform(data).GetColumn<uint[]>("PredictedLabel").ToArray();
    }

    private static void ObjectDetection(MLContext mlContext)
    {
        using MLImage image = MLImage.CreateFromPixels(64, 64, MLPixelFormat.Bgra32, new byte[64 * 64 * 4]);
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 2)
            .Select(i => new Picture { Image = image, Labels = [i == 0 ? "dog" : "cat"], Box = [4, 4, 40, 40] }));
        ITransformer model = mlContext.Transforms.Conversion.MapValueToKey("Labels")
            .Append(mlContext.MulticlassClassification.Trainers.ObjectDetection("Labels", boundingBoxColumnName: "Box", maxEpoch: 1)).Fit(data);
        model.Transform(data).GetColumn<float[]>("Score").ToArray();
    }

    private sealed class Sentence
    {
        public string Sentence1 { get; set; } = "";

        public string Label { get; set; } = "";
    }

    private sealed class Pair
    {
        public string Sentence1 { get; set; } = "";

        public string Sentence2 { get; set; } = "";

        public float Label { get; set; }
    }

    private sealed class Tagged
    {
        public string Sentence { get; set; } = "";

        public string[] Label { get; set; } = [];
    }

    private sealed class Picture
    {
        [ImageType(64, 64)]
        public MLImage? Image { get; set; }

        public string[] Labels { get; set; } = [];

        public float[] Box { get; set; } = [];
    }
}
