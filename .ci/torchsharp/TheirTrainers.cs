using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.TorchSharp;
using Microsoft.ML.Transforms.Image;

/// <summary>The trainers of Microsoft.ML.TorchSharp, each fitted to a few rows, and what comes of it with TorchSharp 0.107.</summary>
internal static class TheirTrainers
{
    private static readonly string s_folder = Directory.CreateTempSubdirectory("mrl-theirs-").FullName;

    public static IEnumerable<(string Name, Action<MLContext> Fit, string Expected)> All =>
    [
        ("TextClassification", TextClassification, "works"),
        ("SentenceSimilarity", SentenceSimilarity, "works"),
        ("NamedEntityRecognition", NamedEntityRecognition, "works"),
        ("QuestionAnswer", QuestionAnswer, "works"),
        ("ObjectDetection", ObjectDetection, "works"),
    ];

    /// <summary>A context that finds stand-ins in the place of the weights that the trainers download.</summary>
    public static MLContext Context()
    {
        string weights = Path.Combine(s_folder, "mlnet");
        Directory.CreateDirectory(weights);
        foreach (string name in new[] { "NasBert2000000.tsm", "pretrained_NasBert_14M_encoder.tsm", "pretrained_Roberta_encoder.tsm", "autoformer_11m_torchsharp.bin" })
        {
            // TorchSharp's format begins with the number of tensors. None: the networks keep the weights that they began with.
            File.WriteAllBytes(Path.Combine(weights, name), [0]);
        }
        return new MLContext(seed: 1) { TempFilePath = s_folder };
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
            .Append(mlContext.MulticlassClassification.Trainers.NameEntityRecognition(batchSize: 4, maxEpochs: 1)).Fit(data);
        model.Transform(data).GetColumn<uint[]>("PredictedLabel").ToArray();
    }

    private static void QuestionAnswer(MLContext mlContext)
    {
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 2)
            .Select(_ => new Question { Context = "Ada lives in London", Text = "Where does Ada live?", TrainingAnswer = "London", AnswerIndex = 13 }));
        ITransformer model = mlContext.MulticlassClassification.Trainers.QuestionAnswer(
            questionColumnName: "Text", answerIndexColumnName: "AnswerIndex", batchSize: 1, maxEpochs: 1).Fit(data);
        model.Transform(data).GetColumn<float[]>("Score").ToArray();
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

    private sealed class Question
    {
        public string Context { get; set; } = "";

        public string Text { get; set; } = "";

        public string TrainingAnswer { get; set; } = "";

        public int AnswerIndex { get; set; }
    }

    private sealed class Picture
    {
        [ImageType(64, 64)]
        public MLImage? Image { get; set; }

        public string[] Labels { get; set; } = [];

        public float[] Box { get; set; } = [];
    }
}
