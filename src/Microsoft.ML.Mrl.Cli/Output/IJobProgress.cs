namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>Hears how far a job is.</summary>
internal interface IJobProgress : IProgress<MrlProgress>
{
    /// <summary>A part of the job begins whose length is not known.</summary>
    /// <param name="name">What is done, such as <c>Saving the model</c>.</param>
    void Stage(string name);

    /// <summary>A line of ML.NET's log.</summary>
    void Log(string line);
}
