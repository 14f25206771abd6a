using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.TorchSharp.Options;

/// <summary>Finds everything that is wrong with the options of a transformer's training, without looking at data.</summary>
internal static class TransformerOptionsCheck
{
    public static IEnumerable<string> Problems(MrlFineTuneEncoderOptions all)
    {
        if (all.Transformer is { } given)
        {
            if (all.Encoder is not TransformerTextEncoder)
            {
                yield return $"{nameof(all.Transformer)} is set, but the encoder is {all.Encoder.Kind}; leave it out.";
            }
            foreach (string problem in OfNumbers(given))
            {
                yield return problem;
            }
        }
        if (all.Encoder is TransformerTextEncoder encoder)
        {
            TransformerTrainingOptions options = all.Transformer ?? new TransformerTrainingOptions();
            int frozen = options.FrozenLayers ?? 0;
            if (options.AdaptiveLayers is not null && frozen >= encoder.Layers - 1)
            {
                yield return $"{nameof(options.AdaptiveLayers)} need a layer that learns before the last one, but of the encoder's " +
                    $"{encoder.Layers} layers {frozen} are frozen; leave them out or freeze fewer.";
            }
            if (encoder.Model.Modules.Steps.OfType<DenseStep>().FirstOrDefault(step => step.HasResidual) is { } residual)
            {
                yield return $"the encoder's Dense module '{residual.Path}' has a residual (use_residual), which cannot be fine-tuned; " +
                    "train a head on its embeddings instead.";
            }
            bool hasDense = all.StartingPoint == StartingPoint.Pca || encoder.Model.Modules.Steps.Any(step => step is DenseStep);
            if (options.FrozenLayers >= encoder.Layers && !hasDense)
            {
                yield return $"{nameof(options.FrozenLayers)} is {frozen}, all that the encoder has, and it has no Dense layer, so " +
                    $"nothing would learn; freeze fewer, or choose {nameof(StartingPoint)}.{nameof(StartingPoint.Pca)}, which adds one.";
            }
        }
    }

    private static IEnumerable<string> OfNumbers(TransformerTrainingOptions options)
    {
        if (options.MiniBatchSize < 1)
        {
            yield return $"{nameof(options.MiniBatchSize)} is {options.MiniBatchSize}; choose 1 or more.";
        }
        if (options.AccumulationSteps < 1)
        {
            yield return $"{nameof(options.AccumulationSteps)} is {options.AccumulationSteps}; choose 1 or more.";
        }
        (string, double)[] rates = [(nameof(options.LearningRate), options.LearningRate),
            (nameof(options.DenseLearningRate), options.DenseLearningRate)];
        foreach ((string name, double rate) in rates)
        {
            if (!(rate > 0) || !double.IsFinite(rate))
            {
                yield return $"{nameof(MrlFineTuneEncoderOptions.Transformer)}.{name} is {rate}; choose a number above 0.";
            }
        }
        if (options.FrozenLayers < 0)
        {
            yield return $"{nameof(options.FrozenLayers)} is {options.FrozenLayers}; choose 0 or more, or leave it out.";
        }
        if (options.Dropout is { } dropout && dropout is not (>= 0 and < 1))
        {
            yield return $"{nameof(options.Dropout)} is {dropout}; choose 0 up to, not including, 1.";
        }
        if (!(options.MaxGradientNorm > 0))
        {
            yield return $"{nameof(options.MaxGradientNorm)} is {options.MaxGradientNorm}; choose a number above 0.";
        }
        if (options.AdaptiveLayers is { } layers)
        {
            (string, double)[] weights = [(nameof(layers.PriorLayersWeight), layers.PriorLayersWeight),
                (nameof(layers.DivergenceWeight), layers.DivergenceWeight)];
            foreach ((string name, double weight) in weights)
            {
                if (!(weight >= 0) || !double.IsFinite(weight))
                {
                    yield return $"{name} is {weight}; choose 0 or more.";
                }
            }
            if (!(layers.DivergenceTemperature > 0) || !double.IsFinite(layers.DivergenceTemperature))
            {
                yield return $"{nameof(layers.DivergenceTemperature)} is {layers.DivergenceTemperature}; choose a number above 0.";
            }
        }
    }
}
