using System.Globalization;
using Microsoft.ML.Mrl.Cli.Models;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes the code that embeds with the model.</summary>
internal static class ConsumptionCode
{
    /// <summary>Returns the content of the file.</summary>
    public static string Write(ProjectSource source)
    {
        int full = source.Result.Model.Dimensions;
        string what = source.Columns.IsText ? "text" : "vector";
        return string.Create(CultureInfo.InvariantCulture, $$"""
            {{ProjectSource.Banner}}
            using System;
            using System.Collections.Concurrent;
            using System.Collections.Generic;
            using System.IO;
            using System.Threading;
            using Microsoft.ML;
            using Microsoft.ML.Data;

            namespace {{source.Name.Namespace}};

            /// <summary>Embeds a {{what}} with the trained model. Safe for concurrent use.</summary>
            public static partial class {{source.Class}}
            {
                /// <summary>The number of values of the full embedding.</summary>
                public const int FullDimensions = {{full}};

                /// <summary>The number of values that mrl train recommended.</summary>
                public const int RecommendedDimensions = {{source.Result.Dimensions}};

                /// <summary>The lengths that were trained. Any length from 1 to the full width can be used.</summary>
                public static readonly IReadOnlyList<int> TrainedDimensions = [{{CSharpLiteral.List(source.Result.Model.TrainedDimensions)}}];

                /// <summary>The path of the model.</summary>
                public static readonly string ModelPath = Path.Combine(AppContext.BaseDirectory, {{CSharpLiteral.Text(source.Name.FileName + ".zip")}});

                // 0 stands for the embedding as the model makes it.
                private const int Uncut = 0;

                private static readonly Lazy<ITransformer> s_model = new(() => new MLContext().Model.Load(ModelPath, out _));

                private static readonly ConcurrentDictionary<int, ThreadLocal<PredictionEngine<ModelInput, ModelOutput>>> s_engines = new();

                /// <summary>A row to embed.</summary>
                public sealed class ModelInput
                {
            {{source.InputProperty(source.Columns.Input, source.Roles.Input, "        ")}}
                }

                /// <summary>The embedding.</summary>
                public sealed class ModelOutput
                {
                    public float[] {{TaskColumns.Embedding}} { get; set; } = [];
                }

                /// <summary>Gets the model, which is loaded once.</summary>
                public static ITransformer Model => s_model.Value;

                /// <summary>Gets the prediction engine of the current thread, which is made when it is first asked for.</summary>
                public static PredictionEngine<ModelInput, ModelOutput> PredictEngine => EngineFor(Uncut);

                /// <summary>Embeds a row at the full width, as the model makes it. The embedding is not rescaled.</summary>
                public static ModelOutput Predict(ModelInput input) => PredictEngine.Predict(input);

                /// <summary>Embeds a row, cuts the embedding to its first values, and rescales them to unit length.</summary>
                /// <param name="input">The row.</param>
                /// <param name="dimensions">The number of values to keep, 1..{{full}}.</param>
                public static float[] Predict(ModelInput input, int dimensions)
                {
                    if (dimensions is < 1 or > FullDimensions)
                    {
                        throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, $"Choose 1..{FullDimensions}.");
                    }
                    return EngineFor(dimensions).Predict(input).{{TaskColumns.Embedding}};
                }

                private static PredictionEngine<ModelInput, ModelOutput> EngineFor(int dimensions) =>
                    s_engines.GetOrAdd(dimensions, static key => new ThreadLocal<PredictionEngine<ModelInput, ModelOutput>>(() => CreateEngine(key))).Value!;

                // An engine must not be used by two threads at once, so each has its own.
                private static PredictionEngine<ModelInput, ModelOutput> CreateEngine(int dimensions)
                {
                    var mlContext = new MLContext();
                    if (dimensions == Uncut)
                    {
                        return mlContext.Model.CreatePredictionEngine<ModelInput, ModelOutput>(Model);
                    }
                    IDataView embedded = Model.Transform(mlContext.Data.LoadFromEnumerable(Array.Empty<ModelInput>()));
                    ITransformer cut = mlContext.Transforms.TruncateEmbedding("{{TaskColumns.Embedding}}", "{{TaskColumns.Embedding}}", dimensions).Fit(embedded);
                    return mlContext.Model.CreatePredictionEngine<ModelInput, ModelOutput>(Model.Append(cut));
                }
            }

            """);
    }
}
