namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>Makes the options of a head's training. The generated code shows the same ones.</summary>
internal static class HeadOptions
{
    /// <summary>Makes the options, without a limit of time.</summary>
    /// <param name="request">The request.</param>
    /// <param name="input">The column of the vectors.</param>
    /// <param name="objective">What is trained for.</param>
    /// <param name="encoderWidth">The number of values of an encoder's vectors, or <see langword="null"/> for other vectors.</param>
    public static MrlFineTuneOptions Of(TrainRequest request, string input, MrlObjective objective, int? encoderWidth) => new()
    {
        OutputColumnName = Models.TaskColumns.Embedding,
        InputColumnName = input,
        Objective = objective,
        Dimensions = request.Dimensions ?? (encoderWidth is { } width ? MatryoshkaDimensions.DoubledUpTo(width) : null),
        Head = request.Head,
        LearningRate = request.LearningRate,
        BatchSize = request.BatchSize,
        Epochs = request.Epochs,
        Seed = request.Seed,
        Advice = ToolAdvice.Words,
    };
}

/// <summary>Makes the options of an encoder's training. The generated code shows the same ones.</summary>
internal static class EncoderOptions
{
    /// <summary>Makes the options, without a limit of time.</summary>
    /// <param name="request">The request.</param>
    /// <param name="input">The column of the texts.</param>
    /// <param name="objective">What is trained for.</param>
    /// <param name="encoder">The encoder to start from.</param>
    public static MrlFineTuneEncoderOptions Of(TrainRequest request, string input, MrlObjective objective, TextEncoder encoder)
    {
        // The rate of a transformer itself is an option of its own.
        bool isTransformer = encoder is TransformerTextEncoder;
        return new MrlFineTuneEncoderOptions
        {
            OutputColumnName = Models.TaskColumns.Embedding,
            InputColumnName = input,
            Encoder = encoder,
            Objective = objective,
            Dimensions = request.Dimensions ?? MatryoshkaDimensions.DoubledUpTo(encoder.FullDimensions),
            LearningRate = isTransformer ? null : request.LearningRate,
            Transformer = isTransformer && request.LearningRate is { } rate ? new TransformerTrainingOptions { LearningRate = rate } : null,
            BatchSize = request.BatchSize,
            Epochs = request.Epochs,
            Seed = request.Seed,
            Advice = ToolAdvice.Words,
        };
    }
}
