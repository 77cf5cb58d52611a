// Where the log lines of the apps go. They are written in the name of the apps, without a key.

param name string
param location string
param days int
param writers array

var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: days
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${name}-insights'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource rights 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for writer in writers: {
  name: guid(insights.id, writer, metricsPublisher)
  scope: insights
  properties: {
    principalId: writer
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}]

output connection string = insights.properties.ConnectionString
