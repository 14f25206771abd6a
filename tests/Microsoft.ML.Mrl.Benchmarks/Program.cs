using BenchmarkDotNet.Running;
using Microsoft.ML.Mrl.Benchmarks.OutOfCore;
using Microsoft.ML.Mrl.Benchmarks.Quality;

if (args is ["quality", .. var rest])
{
    return QualityProgram.Run(rest);
}
if (args is ["outofcore", .. var settings])
{
    return OutOfCoreProgram.Run(settings);
}
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
