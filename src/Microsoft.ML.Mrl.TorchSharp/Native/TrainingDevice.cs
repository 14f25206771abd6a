using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>
/// Decides the device that heads and encoders are trained on. It is the CPU, for which the fused steps of heads are written.
/// </summary>
internal static class TrainingDevice
{
    /// <summary>Handles the request for a GPU.</summary>
    /// <param name="host">The host, which knows the device of the MLContext.</param>
    /// <param name="log">Receives a warning that the CPU is used.</param>
    /// <exception cref="NotSupportedException">A GPU was requested and falling back to the CPU is not allowed.</exception>
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
