using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Heads;

/// <summary>Reads and writes the training summary in a saved head or encoder.</summary>
internal static class TrainingSummaryFormat
{
    public static void Write(TrainingSummary? training, BinaryWriter writer)
    {
        writer.Write(training is not null);
        if (training is null)
        {
            return;
        }
        writer.Write(training.Objective);
        writer.Write(NameOf(training.Winner));
        writer.Write(training.Verdict);
        writer.Write(training.Seed);
        writer.Write(training.TrainingRows);
        writer.Write(training.ValidationRows);
        writer.Write(training.Epochs);
        writer.Write(training.BestEpoch);
        writer.Write(training.Cancelled);
        writer.Write(training.ScoreName);
        writer.Write(training.ValidationScores.Count);
        foreach (ValidationScore score in training.ValidationScores)
        {
            writer.Write(score.Dimensions);
            writer.Write(score.Raw);
            writer.Write(score.Pca);
            writer.Write(score.Learned);
            writer.Write(score.Low);
            writer.Write(score.High);
        }
    }

    public static TrainingSummary? Read(BinaryReader reader)
    {
        if (!reader.ReadBoolean())
        {
            return null;
        }
        var summary = new TrainingSummary
        {
            Objective = reader.ReadString(),
            Winner = WinnerOf(reader.ReadString()),
            Verdict = reader.ReadString(),
            Seed = reader.ReadInt32(),
            TrainingRows = reader.ReadInt32(),
            ValidationRows = reader.ReadInt32(),
            Epochs = reader.ReadInt32(),
            BestEpoch = reader.ReadInt32(),
            Cancelled = reader.ReadBoolean(),
            ScoreName = reader.ReadString(),
            ValidationScores = ReadScores(reader),
        };
        return summary.TrainingRows >= 0 && summary.ValidationRows >= 0 && summary.Epochs >= 0 && summary.BestEpoch >= 0
            ? summary
            : throw new InvalidDataException($"The file states that the training had {summary.TrainingRows} rows, " +
                $"{summary.ValidationRows} rows held back and {summary.Epochs} epochs, of which {summary.BestEpoch} was the best. " +
                "The file is damaged.");
    }

    /// <summary>Returns a winner's name in files and in texts: learned, PCA or raw.</summary>
    public static string NameOf(TrainingWinner winner) => winner switch
    {
        TrainingWinner.Pca => "PCA",
        TrainingWinner.Raw => "raw",
        _ => "learned",
    };

    private static TrainingWinner WinnerOf(string name) => name switch
    {
        "learned" => TrainingWinner.Learned,
        "PCA" => TrainingWinner.Pca,
        "raw" => TrainingWinner.Raw,
        _ => throw new InvalidDataException($"The file names '{name}' as the winner of the training, which this library does not know. " +
            "The file is damaged."),
    };

    private static ValidationScore[] ReadScores(BinaryReader reader)
    {
        const int BytesPerScore = 44;
        int count = reader.ReadInt32();
        if (count < 0 || count > (reader.BaseStream.Length - reader.BaseStream.Position) / BytesPerScore)
        {
            throw new InvalidDataException($"The file states that it holds {count} validation scores. The file is damaged.");
        }
        var scores = new ValidationScore[count];
        for (int i = 0; i < count; i++)
        {
            scores[i] = new ValidationScore(ChecksummedFrame.ReadPositive(reader, "dimension of a validation score"),
                reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble())
            {
                Low = reader.ReadDouble(),
                High = reader.ReadDouble(),
            };
        }
        return scores;
    }
}
