using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>Where heads and encoders are trained: on the processor, which the fused steps of heads are written for.</summary>
internal static class TrainingDevice
{
    /// <summary>Says what becomes of a GPU that was asked for.</summary>
    /// <param name="host">Knows what was asked of the MLContext.</param>
    /// <param name="log">Receives a warning that the CPU is used.</param>
    /// <exception cref="NotSupportedException">A GPU was asked for and the processor will not do.</exception>
    public static void Check(IHost host, MrlLog log)
    {
        (int? gpuDeviceId, bool fallbackToCpu) = MrlEnvironment.DeviceOf(host);
        if (gpuDeviceId is not { } id)
        {
            return;
        }
        if (!fallbackToCpu)
        {
            throw new NotSupportedException(
                $"GPU {id} was asked for (MLContext.GpuDeviceId) and the processor ruled out (MLContext.FallbackToCpu is false), "
                + "but heads and encoders are trained on the processor. Set FallbackToCpu to true, or leave GpuDeviceId unset.");
        }
        log.Info($"GPU {id} was asked for, but heads and encoders are trained on the processor.");
    }
}
