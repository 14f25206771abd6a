using BenchmarkDotNet.Running;
using Microsoft.ML.Mrl.Benchmarks.Quality;

if (args is ["quality", .. var rest])
{
    return QualityProgram.Run(rest);
}
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
