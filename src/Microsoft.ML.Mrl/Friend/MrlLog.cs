using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Friend;

/// <summary>
/// Writes messages of one component to <c>mlContext.Log</c>. The training project uses it, since it cannot access ML.NET's internal
/// members.
/// </summary>
internal sealed class MrlLog(IHost host, string component) : IDisposable
{
    private readonly IChannel _channel = host.Start(component);

    public void Info(string message) => _channel.Info(message);

    public void Warning(string message) => _channel.Warning(message);

    public void Dispose() => _channel.Dispose();
}
